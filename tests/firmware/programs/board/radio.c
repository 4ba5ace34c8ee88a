/* An nRF24L01+ selected by PB13, with CE at PB2 and IRQ at PB3: sends a payload, and waits for its echo.
   Source: Nordic, nRF24L01+ product specification 1.0, chapters 8 and 9. */
#include "board/parts.h"
#include "board/pins.h"
#include "board/spi.h"
#include "runtime/log.h"
#include "runtime/string.h"

#define SELECT     PB(13)
#define CE         PB(2)
#define IRQ        PB(3)
#define WRITE      0x20u
#define CONFIG     0x00u
#define RETRIES    0x04u
#define STATUS     0x07u
#define RECEIVED   (1u << 6)
#define SENT       (1u << 5)
#define GIVEN_UP   (1u << 4)
#define TRANSMIT   0x0Eu /* CRC of 16 bits, power up */
#define RECEIVE    0x0Fu
#define PAYLOAD    8u
#define TIMEOUT_US 20000u

/* Gives STATUS, which comes back with every command. */
static uint8_t command(uint8_t code, const void *sent, void *received, uint32_t size)
{
    uint8_t status;

    pin_put(SELECT, false);
    spi_exchange(&code, &status, 1);
    spi_exchange(sent, received, size);
    pin_put(SELECT, true);
    return status;
}

static void set(uint8_t number, uint8_t value)
{
    command(WRITE | number, &value, 0, 1);
}

/* Waits for IRQ, and gives what it is for; it is taken back. */
static uint8_t wait_event(void)
{
    const uint32_t begin = time_us();

    while (pin_get(IRQ) && time_us() - begin < TIMEOUT_US) {
    }
    const uint8_t status = command(0xFF, 0, 0, 0);
    set(STATUS, RECEIVED | SENT | GIVEN_UP);
    return status & (RECEIVED | SENT | GIVEN_UP);
}

void run_radio(void)
{
    static const uint8_t address[] = {'b', 'o', 'a', 'r', 'd'};
    char payload[PAYLOAD + 1] = "over air";

    pin_output(SELECT);
    pin_put(SELECT, true);
    pin_output(CE);
    pin_put(CE, false);
    pin_input(IRQ);
    spi_start(10000000u);
    command(WRITE | 0x10, address, 0, sizeof address);
    command(WRITE | 0x0A, address, 0, sizeof address);
    set(0x11, PAYLOAD);
    set(0x12, PAYLOAD);
    set(RETRIES, 0x13); /* 3, each 500 us later */
    set(CONFIG, TRANSMIT);
    wait_us(1500);
    command(0xA0, payload, 0, PAYLOAD);
    pin_put(CE, true);
    wait_us(15);
    pin_put(CE, false);
    const uint8_t event = wait_event();
    LOG("radio: %s", event == SENT ? "sent" : event == GIVEN_UP ? "nobody acknowledges" : "no radio");
    if (event != SENT) {
        command(0xE1, 0, 0, 0);
        return;
    }
    memset(payload, 0, sizeof payload);
    set(CONFIG, RECEIVE);
    pin_put(CE, true);
    if (wait_event() == RECEIVED) {
        command(0x61, 0, payload, PAYLOAD);
    }
    pin_put(CE, false);
    LOG("radio: received %s", payload);
}
