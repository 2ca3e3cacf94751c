#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>

/* A failed check ends the program at once with status 1, so that no run can pass by printing less. */
#define CHECK(condition)                                                        \
  do {                                                                          \
    if (!(condition)) {                                                         \
      printf("FAILED %s:%d: %s\n", __FILE_NAME__, __LINE__, #condition);        \
      exit(1);                                                                  \
    }                                                                           \
  } while (0)

static inline unsigned long next_random(unsigned long *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static inline unsigned long mix(unsigned long hash, unsigned long value) {
  return (hash ^ value) * 0x100000001b3UL;
}

#endif
