/* Every alignment of source and destination, short lengths and block lengths, against plain byte loops. */
#include "check.h"
#include <ctype.h>
#include <string.h>

#define SPAN 1200

static unsigned char source[SPAN], destination[SPAN], expected[SPAN];
static const int lengths[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 23, 31, 32, 33, 63, 64, 65, 127, 128, 129, 200, 255, 256, 257, 320, 511, 600};
#define LENGTHS (sizeof lengths / sizeof *lengths)

static void reset(void) {
  for (int i = 0; i < SPAN; i++) {
    source[i] = i * 37 + (i >> 5);
    destination[i] = expected[i] = i * 11 + 3;
  }
}

static void compare(void) {
  for (int i = 0; i < SPAN; i++) CHECK(destination[i] == expected[i]);
}

static unsigned long copies(void) {
  unsigned long cases = 0;
  for (int from = 0; from < 16; from++)
    for (int to = from % 3; to < 16; to += 3)
      for (unsigned k = 0; k < LENGTHS; k++) {
        int n = lengths[k];
        if (n > 320 && (from * 3 + to) % 7) continue;
        for (int i = 0; i < n; i++) expected[64 + to + i] = source[64 + from + i];
        CHECK(memcpy(destination + 64 + to, source + 64 + from, n) == destination + 64 + to);
        CHECK(memcmp(destination, expected, SPAN) == 0);
        cases++;
      }
  compare();
  return cases;
}

static unsigned long moves(void) {
  unsigned long cases = 0;
  for (int shift = -70; shift <= 70; shift += 7)
    for (unsigned k = 0; k < LENGTHS; k++) {
      int n = lengths[k];
      unsigned char *from = destination + 200, *to = from + shift;
      if (shift > 0)
        for (int i = n - 1; i >= 0; i--) expected[200 + shift + i] = expected[200 + i];
      else
        for (int i = 0; i < n; i++) expected[200 + shift + i] = expected[200 + i];
      memmove(to, from, n);
      cases++;
    }
  compare();
  return cases;
}

static unsigned long fills(void) {
  unsigned long cases = 0;
  for (int at = 0; at < 16; at++)
    for (unsigned k = 0; k < LENGTHS; k++) {
      for (int i = 0; i < lengths[k]; i++) expected[100 + at + i] = k * 16 + at;
      memset(destination + 100 + at, k * 16 + at, lengths[k]);
      cases++;
    }
  compare();
  memset(destination, 0, SPAN);
  memset(expected, 0, SPAN);
  compare();
  return cases;
}

static int sign(int x) { return (x > 0) - (x < 0); }

static unsigned long searches(void) {
  unsigned long cases = 0;
  for (int at = 0; at < 16; at++)
    for (int n = 0; n < 80; n += 1 + n / 20) {
      char *text = (char *)destination + 64 + at, *other = (char *)source + 64 + (at * 5 & 15);
      memset(destination, 'x', SPAN);
      memset(source, 'x', SPAN);
      for (int i = 0; i < n; i++) text[i] = other[i] = 'a' + i % 17;
      text[n] = other[n] = 0;
      CHECK((int)strlen(text) == n);
      CHECK((int)strnlen(text, 40) == (n < 40 ? n : 40));
      CHECK(strcmp(text, other) == 0);
      CHECK(memchr(text, 0, 100) == text + n);
      CHECK(strchr(text, 0) == text + n);
      CHECK(strchr(text, 'q') == (n > 16 ? text + 16 : NULL));
      CHECK(strrchr(text, 'a') == (n ? text + (n - 1) / 17 * 17 : NULL));
      if (n) {
        other[n - 1] ^= 0x80;
        CHECK(strcmp(text, other) < 0 && strcmp(other, text) > 0);
        CHECK(strncmp(text, other, n - 1) == 0);
        CHECK(sign(memcmp(text, other, n)) == -1);
        other[n - 1] ^= 0x80;
      }
      char *end = stpcpy((char *)expected + at, text);
      CHECK(end == (char *)expected + at + n && !memcmp(expected + at, text, n + 1));
      strcat((char *)expected + at, "tail");
      CHECK(strlen((char *)expected + at) == (unsigned)n + 4);
      CHECK(!strcmp(strstr((char *)expected + at, "tail"), "tail"));
      char padded[96];
      memset(padded, '!', sizeof padded);
      CHECK(strncpy(padded, text, 90) == padded);
      for (int i = 0; i < 96; i++) CHECK(padded[i] == (i < n ? text[i] : i < 90 ? 0 : '!'));
      CHECK((int)strspn(text, "abcdefghijklmnopq") == n);
      CHECK((int)strcspn(text, "q") == (n > 16 ? 16 : n));
      cases++;
    }
  return cases;
}

static void tokens(void) {
  char text[] = "a stitch in time,saves;nine", *rest, upper[64];
  for (char *token = strtok_r(text, " ,;", &rest); token; token = strtok_r(NULL, " ,;", &rest)) {
    int i = 0;
    for (; token[i]; i++) upper[i] = toupper((unsigned char)token[i]);
    upper[i] = 0;
    printf("%s|", upper);
  }
  char *end;
  printf("%ld %lu %ld %g\n", strtol("-1234xyz", &end, 10), strtoul("0xffffffffffffffff", NULL, 0), strtol("zz", NULL, 36),
         strtod("1.25e2", NULL));
  CHECK(!strcmp(end, "xyz"));
  CHECK(strcasecmp("HeLLo", "hEllO") == 0);
  printf("%s, %s\n", strerror(2), strerror(12));
}

int main(void) {
  reset();
  printf("%lu copies\n", copies());
  reset();
  printf("%lu moves\n", moves());
  printf("%lu fills\n", fills());
  printf("%lu searches\n", searches());
  tokens();
  return 0;
}
