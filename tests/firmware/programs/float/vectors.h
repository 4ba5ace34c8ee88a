/* What single-precision arithmetic gives: operation, operands, result, as bits. No denormal numbers.
 * tests/firmware/test_float_programs.py computes every result anew on the machine that runs it. */
/* clang-format off */
VECTOR(add,      0x3F800000, 0x40000000, 0x40400000) /* 1 + 2 */
VECTOR(add,      0x3DCCCCCD, 0x3E4CCCCD, 0x3E99999A) /* 0.1 + 0.2 */
VECTOR(add,      0x4B800000, 0x3F800000, 0x4B800000) /* 2^24 + 1: a tie, to even */
VECTOR(add,      0x4B800001, 0x3F800000, 0x4B800002) /* 2^24 + 2 + 1: a tie, to even */
VECTOR(add,      0x7F7FFFFF, 0x7F7FFFFF, 0x7F800000) /* overflow */
VECTOR(add,      0x7F800000, 0x3F800000, 0x7F800000) /* infinity */
VECTOR(add,      0x80000000, 0x80000000, 0x80000000) /* -0 + -0 */
VECTOR(add,      0x3F800000, 0xBF800000, 0x00000000) /* 1 - 1 is +0 */
VECTOR(subtract, 0x3F800000, 0x33800000, 0x3F7FFFFF) /* 1 - 2^-24 */
VECTOR(subtract, 0x3F800001, 0x3F800000, 0x34000000) /* cancellation */
VECTOR(subtract, 0xC2C80000, 0x42C80000, 0xC3480000)
VECTOR(multiply, 0x40490FDB, 0x402DF854, 0x4108A2C0) /* pi * e */
VECTOR(multiply, 0x3F7FFFFF, 0x3F7FFFFF, 0x3F7FFFFE)
VECTOR(multiply, 0xBF800000, 0x00000000, 0x80000000) /* -1 * 0 */
VECTOR(multiply, 0x7F000000, 0x40800000, 0x7F800000) /* overflow */
VECTOR(multiply, 0x20000000, 0xA0000000, 0x80800000) /* the smallest normal number */
VECTOR(divide,   0x3F800000, 0x40400000, 0x3EAAAAAB) /* 1 / 3 */
VECTOR(divide,   0x40490FDB, 0x402DF854, 0x3F93EEE0) /* pi / e */
VECTOR(divide,   0xBF800000, 0x00000000, 0xFF800000) /* -1 / 0 */
VECTOR(divide,   0x3F800000, 0xFF800000, 0x80000000) /* 1 / -infinity */
VECTOR(less,     0x3F800000, 0x40000000, 1)
VECTOR(less,     0x40000000, 0x3F800000, 0)
VECTOR(less,     0xBF800000, 0xC0000000, 0)
VECTOR(less,     0x80000000, 0x00000000, 0)          /* -0 < 0 */
VECTOR(less,     0x7FC00000, 0x3F800000, 0)          /* a NaN */
VECTOR(equal,    0x80000000, 0x00000000, 1)
VECTOR(equal,    0x7FC00000, 0x7FC00000, 0)
VECTOR(to_int,   0x4048F5C3, 0, 3)                   /* 3.14 */
VECTOR(to_int,   0xC03FFFFF, 0, 0xFFFFFFFE)          /* -2.99, towards 0 */
VECTOR(to_int,   0x4EFFFFFF, 0, 0x7FFFFF80)
VECTOR(to_uint,  0x4F7FFFFF, 0, 0xFFFFFF00)
VECTOR(from_int, 0xFFFFFFFF, 0, 0xBF800000)          /* -1 */
VECTOR(from_int, 0x7FFFFFFF, 0, 0x4F000000)          /* rounds up to 2^31 */
VECTOR(from_int, 0x01000001, 0, 0x4B800000)          /* a tie, to even */
VECTOR(from_uint, 0xFFFFFF7F, 0, 0x4F7FFFFF)
VECTOR(from_uint, 0x80000000, 0, 0x4F000000)
/* clang-format on */
