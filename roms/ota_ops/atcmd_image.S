/* The compressed atcmd firmware, as it would come from a server. */
    .section .rodata.atcmd_image, "a"
    .align  2
    .globl  atcmd_image, atcmd_image_end
atcmd_image:
    .incbin ATCMD_OTA_IMAGE
atcmd_image_end:
