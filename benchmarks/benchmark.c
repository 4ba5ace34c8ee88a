/* What firmware does with its CPU: sorting, checksums, matrices, lists, text, recursion, state machines.
 *
 * The same source is built for the W800 and for AArch64, freestanding and without a library; both builds compute the
 * same checksum. The run begins at the ELF's entry and ends at the symbol benchmark_done (start_*.S). */
#include <stdint.h>

#define WORDS         2048u
#define TEXT_SIZE     4096u
#define MATRIX        24u
#define NODES         512u
#define FIBONACCI_OF  16u
#define CRC_POLYNOMIAL 0xEDB88320u

/* How often all parts run: who loads the program may change it there. */
const volatile uint32_t benchmark_iterations = 150;
volatile uint32_t benchmark_checksum;

struct node {
    struct node *next;
    uint32_t value;
};

static uint32_t words[WORDS];
static uint8_t text[TEXT_SIZE];
static uint32_t crc_table[256];
static int32_t matrices[3][MATRIX][MATRIX];
static struct node nodes[NODES];
static uint32_t random_state;

/* Marsaglia, Xorshift RNGs, 2003. */
static uint32_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static void quick_sort(uint32_t *first, uint32_t *last)
{
    while (first < last) {
        const uint32_t pivot = first[(last - first) / 2];
        uint32_t *low = first, *high = last;

        while (low <= high) {
            while (*low < pivot) {
                low++;
            }
            while (*high > pivot) {
                high--;
            }
            if (low <= high) {
                const uint32_t swapped = *low;
                *low++ = *high;
                *high-- = swapped;
            }
        }
        quick_sort(first, high);
        first = low;
    }
}

static uint32_t sort_words(void)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < WORDS; i++) {
        words[i] = next_random();
    }
    quick_sort(words, words + WORDS - 1);
    for (uint32_t i = 1; i < WORDS; i++) {
        sum = sum * 31 + (words[i] ^ words[i - 1]);
    }
    return sum;
}

static void make_crc_table(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t entry = i;
        for (uint32_t bit = 0; bit < 8; bit++) {
            entry = entry & 1 ? entry >> 1 ^ CRC_POLYNOMIAL : entry >> 1;
        }
        crc_table[i] = entry;
    }
}

static uint32_t checksum_text(void)
{
    uint32_t crc = ~0u;

    for (uint32_t i = 0; i < TEXT_SIZE; i++) {
        text[i] = (uint8_t)("the quick brown fox "[i % 20] + (next_random() >> 30));
    }
    for (uint32_t pass = 0; pass < 8; pass++) {
        for (uint32_t i = 0; i < TEXT_SIZE; i++) {
            crc = crc_table[(crc ^ text[i]) & 0xFF] ^ crc >> 8;
        }
    }
    return crc;
}

static uint32_t multiply_matrices(void)
{
    uint32_t trace = 0;

    for (uint32_t row = 0; row < MATRIX; row++) {
        for (uint32_t column = 0; column < MATRIX; column++) {
            matrices[0][row][column] = (int32_t)(next_random() >> 20) - 2048;
            matrices[1][row][column] = (int32_t)(next_random() >> 20) - 2048;
        }
    }
    for (uint32_t row = 0; row < MATRIX; row++) {
        for (uint32_t column = 0; column < MATRIX; column++) {
            int32_t sum = 0;
            for (uint32_t i = 0; i < MATRIX; i++) {
                sum += matrices[0][row][i] * matrices[1][i][column];
            }
            matrices[2][row][column] = sum;
            trace = trace * 17 + (uint32_t)sum;
        }
    }
    return trace;
}

static struct node *reversed(struct node *list)
{
    struct node *result = 0;

    while (list) {
        struct node *next = list->next;
        list->next = result;
        result = list;
        list = next;
    }
    return result;
}

static uint32_t walk_lists(void)
{
    struct node *list = 0;
    uint32_t sum = 0;

    for (uint32_t i = 0; i < NODES; i++) {
        struct node *node = &nodes[i * 97 % NODES]; /* neighbours in the list are far apart in memory */
        node->value = next_random();
        node->next = list;
        list = node;
    }
    for (uint32_t pass = 0; pass < 16; pass++) {
        list = reversed(list);
        for (const struct node *node = list; node; node = node->next) {
            sum = (sum << 1 | sum >> 31) + node->value;
        }
    }
    return sum;
}

static uint32_t length_of_match(const uint8_t *one, const uint8_t *other, uint32_t most)
{
    uint32_t length = 0;

    while (length < most && one[length] == other[length]) {
        length++;
    }
    return length;
}

static uint32_t search_text(void)
{
    uint32_t found = 0;

    for (uint32_t distance = 1; distance <= 10; distance++) {
        for (uint32_t i = 0; i + distance + 16 < TEXT_SIZE; i++) {
            found += length_of_match(text + i, text + i + distance, 16) * distance;
        }
    }
    return found;
}

static uint32_t fibonacci(uint32_t n)
{
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

typedef uint32_t (*operation)(uint32_t a, uint32_t b);

static uint32_t add(uint32_t a, uint32_t b)
{
    return a + b;
}

static uint32_t mix(uint32_t a, uint32_t b)
{
    return a ^ b << 3;
}

static uint32_t scale(uint32_t a, uint32_t b)
{
    return a * (b | 1);
}

static uint32_t divide(uint32_t a, uint32_t b)
{
    return a / (b | 1);
}

/* A byte code: a switch for its states, calls through pointers for its operations. */
static uint32_t interpret_text(void)
{
    static const operation operations[4] = {add, mix, scale, divide};
    uint32_t accumulator = 1, operand = 0, state = 0;

    for (uint32_t i = 0; i < TEXT_SIZE; i++) {
        const uint32_t byte = text[i];
        switch (state) {
        case 0: operand = byte; break;
        case 1: operand = operand << 4 ^ byte; break;
        case 2: accumulator = operations[byte & 3](accumulator, operand); break;
        case 3: accumulator ^= accumulator >> 7; break;
        case 4: accumulator += byte; break;
        case 5: operand -= byte; break;
        default: accumulator = ~accumulator; break;
        }
        state = (state + (byte & 1) + 1) % 7;
    }
    return accumulator ^ operand;
}

void benchmark(void)
{
    uint32_t checksum = 0;

    random_state = 2463534242u;
    make_crc_table();
    for (uint32_t i = benchmark_iterations; i > 0; i--) {
        checksum = checksum * 33 + sort_words();
        checksum = checksum * 33 + checksum_text();
        checksum = checksum * 33 + multiply_matrices();
        checksum = checksum * 33 + walk_lists();
        checksum = checksum * 33 + search_text();
        checksum = checksum * 33 + fibonacci(FIBONACCI_OF);
        checksum = checksum * 33 + interpret_text();
    }
    benchmark_checksum = checksum;
}
