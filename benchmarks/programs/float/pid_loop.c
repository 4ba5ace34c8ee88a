/* Control loops: PID controllers with limits, each with a model of a motor. */
#include "benchmark.h"

#define MOTORS 8u
#define STEP_S 0.001f

struct controller {
    float proportional;
    float integral;
    float derivative;
    float sum;
    float last_error;
};

struct motor {
    struct controller controller;
    float speed;
    float current;
    float wanted;
};

const uint32_t benchmark_rounds = 44000;

static struct motor motors[MOTORS];

static float limited(float value, float most)
{
    return value > most ? most : value < -most ? -most : value;
}

static SEPARATE float control(struct controller *controller, float error)
{
    const float slope = (error - controller->last_error) / STEP_S;

    controller->last_error = error;
    controller->sum = limited(controller->sum + error * STEP_S, 10.0f);
    return limited(controller->proportional * error + controller->integral * controller->sum +
                       controller->derivative * slope,
                   24.0f);
}

static SEPARATE void move(struct motor *motor, float voltage)
{
    const float force = motor->current * 0.05f - motor->speed * 0.002f;

    motor->current += (voltage - motor->current * 1.2f - motor->speed * 0.05f) * (STEP_S / 0.004f);
    motor->speed += force * (STEP_S / 0.0005f);
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;

    for (uint32_t i = 0; i < MOTORS; i++) {
        const float gain = 0.5f + (float)i * 0.125f;

        motors[i] = (struct motor){{gain, 2.0f, 0.0001f, 0.0f, 0.0f}, 0.0f, 0.0f, gain * 100.0f};
    }
    for (; rounds > 0; rounds--) {
        for (uint32_t i = 0; i < MOTORS; i++) {
            struct motor *motor = &motors[i];

            if ((rounds + i) % 64 == 0) {
                motor->wanted = (float)(int32_t)(next_random(&random) % 400) - 200.0f;
            }
            move(motor, control(&motor->controller, motor->wanted - motor->speed));
        }
        checksum = checksum * 33 + (uint32_t)(int32_t)(motors[rounds % MOTORS].speed * 1000.0f);
    }
    return checksum;
}
