/* Bodies that attract each other: square roots and divisions. */
#include "benchmark.h"

#define BODIES 5u
#define STEP   0.002f

struct vector {
    float x;
    float y;
    float z;
};

struct body {
    struct vector place;
    struct vector velocity;
    float mass;
};

const uint32_t benchmark_rounds = 28000;

static struct body bodies[BODIES];

static SEPARATE void attract(struct body *one, struct body *other)
{
    const float x = one->place.x - other->place.x;
    const float y = one->place.y - other->place.y;
    const float z = one->place.z - other->place.z;
    const float square = x * x + y * y + z * z + 0.01f;
    const float force = STEP / (square * __builtin_sqrtf(square));
    const float to_one = other->mass * force, to_other = one->mass * force;

    one->velocity.x -= x * to_one;
    one->velocity.y -= y * to_one;
    one->velocity.z -= z * to_one;
    other->velocity.x += x * to_other;
    other->velocity.y += y * to_other;
    other->velocity.z += z * to_other;
}

static SEPARATE void move(struct body *body)
{
    body->place.x += body->velocity.x * STEP;
    body->place.y += body->velocity.y * STEP;
    body->place.z += body->velocity.z * STEP;
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0;

    for (uint32_t i = 0; i < BODIES; i++) {
        const float number = (float)(int32_t)i;

        bodies[i].place = (struct vector){number * 2.0f, number - 1.5f, number * 0.25f};
        bodies[i].velocity = (struct vector){0.5f - number * 0.25f, number * 0.125f, 0.0f};
        bodies[i].mass = i == 0 ? 20.0f : 1.0f / (number + 1.0f);
    }
    for (; rounds > 0; rounds--) {
        for (uint32_t i = 0; i < BODIES; i++) {
            for (uint32_t j = i + 1; j < BODIES; j++) {
                attract(&bodies[i], &bodies[j]);
            }
        }
        for (uint32_t i = 0; i < BODIES; i++) {
            move(&bodies[i]);
        }
        checksum = checksum * 33 + (uint32_t)(int32_t)(bodies[rounds % BODIES].place.x * 1000.0f);
    }
    return checksum;
}
