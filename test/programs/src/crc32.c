#include "check.h"

#define BUFFER_SIZE 65536

static unsigned table[256];
static unsigned char buffer[BUFFER_SIZE];

static void make_table(void) {
  for (unsigned i = 0; i < 256; i++) {
    unsigned c = i;
    for (int bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
    table[i] = c;
  }
}

static unsigned crc32(unsigned crc, const unsigned char *bytes, unsigned long length) {
  crc = ~crc;
  while (length--) crc = table[(crc ^ *bytes++) & 0xff] ^ crc >> 8;
  return ~crc;
}

int main(int argc, char **argv) {
  int passes = argc > 1 ? atoi(argv[1]) : 50;
  make_table();
  CHECK(crc32(0, (const unsigned char *)"123456789", 9) == 0xcbf43926);
  unsigned long state = 0x9e3779b97f4a7c15UL;
  for (int i = 0; i < BUFFER_SIZE; i++) buffer[i] = next_random(&state) >> 24;
  unsigned crc = 0;
  for (int pass = 0; pass < passes; pass++) crc = crc32(crc, buffer, BUFFER_SIZE);
  printf("crc32 of %d x %d bytes: %08x\n", passes, BUFFER_SIZE, crc);
  return 0;
}
