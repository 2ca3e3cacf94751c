#include "check.h"
#include <malloc.h>
#include <string.h>

#define SLOTS 256

typedef struct {
  unsigned char *bytes;
  size_t size;
  unsigned char fill;
} Slot;

static Slot slots[SLOTS];

static void verify(const Slot *slot, size_t length) {
  for (size_t i = 0; i < length; i++) CHECK(slot->bytes[i] == (unsigned char)(slot->fill + i));
}

static void paint(Slot *slot, unsigned char fill) {
  slot->fill = fill;
  for (size_t i = 0; i < slot->size; i++) slot->bytes[i] = fill + i;
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 3000;
  unsigned long state = 0x123456789abcdefUL, freed = 0, grown = 0, zeroed = 0, total = 0;
  for (int round = 0; round < rounds; round++) {
    Slot *slot = &slots[next_random(&state) % SLOTS];
    size_t size = next_random(&state) % (round % 64 == 0 ? 30000 : 600);
    if (!slot->bytes) {
      if (round & 1) {
        slot->bytes = calloc(size + 1, 1);
        CHECK(slot->bytes);
        for (size_t i = 0; i < size; i++) CHECK(slot->bytes[i] == 0);
        zeroed++;
      } else {
        slot->bytes = malloc(size + 1);
        CHECK(slot->bytes);
      }
      slot->size = size;
    } else if (round % 3 == 0) {
      size_t kept = slot->size < size ? slot->size : size;
      slot->bytes = realloc(slot->bytes, size + 1);
      CHECK(slot->bytes);
      verify(slot, kept);
      slot->size = size;
      grown++;
    } else {
      verify(slot, slot->size);
      free(slot->bytes);
      slot->bytes = NULL;
      freed++;
      continue;
    }
    CHECK(((unsigned long)slot->bytes & 15) == 0);
    paint(slot, round * 7);
    total += size;
  }
  for (int i = 0; i < SLOTS; i++) {
    if (slots[i].bytes) verify(&slots[i], slots[i].size);
    free(slots[i].bytes);
  }
  printf("%d rounds: %lu freed, %lu resized, %lu zeroed, %lu bytes in all\n", rounds, freed, grown, zeroed, total);

  /* Above the mmap threshold: mmap, mremap by realloc, munmap by free. */
  size_t megabyte = 1 << 20;
  char *large = malloc(megabyte);
  CHECK(large);
  for (size_t i = 0; i < megabyte; i += 4096) large[i] = i >> 12;
  large = realloc(large, 3 * megabyte);
  CHECK(large);
  for (size_t i = 0; i < megabyte; i += 4096) CHECK(large[i] == (char)(i >> 12));
  large[3 * megabyte - 1] = 77;
  large = realloc(large, megabyte / 2);
  CHECK(large);
  for (size_t i = 0; i < megabyte / 2; i += 4096) CHECK(large[i] == (char)(i >> 12));
  free(large);

  char *zeroes = calloc(2, megabyte);
  CHECK(zeroes);
  for (size_t i = 0; i < 2 * megabyte; i += 1024) CHECK(zeroes[i] == 0);
  free(zeroes);

  void *aligned;
  CHECK(posix_memalign(&aligned, 65536, 1000) == 0);
  CHECK(((unsigned long)aligned & 65535) == 0);
  memset(aligned, 1, 1000);
  free(aligned);
  malloc_trim(0);
  printf("large blocks are whole\n");
  return 0;
}
