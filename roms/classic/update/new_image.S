/* The program that replaces this one, packed with gzip. */
    .section .rodata.new_image, "a"
    .align  2
    .globl  new_image, new_image_end
new_image:
    .incbin NEW_IMAGE
new_image_end:
