#include "check.h"
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

/* Volatile operands keep gcc from folding what the program is there to compute. */
#define OPAQUE(type, value) ({ volatile type opaque_ = (value); opaque_; })

typedef struct {
  unsigned a : 3;
  int b : 5;
  unsigned c : 17;
  unsigned long d : 41;
  long e : 23;
  _Bool f : 1;
} Fields;

typedef struct {
  char c;
  double d;
  short s;
  int i;
  char tail[3];
} Mixed;

typedef union {
  unsigned long whole;
  unsigned words[2];
  unsigned short halves[4];
  unsigned char bytes[8];
} Overlay;

struct __attribute__((packed)) Packed {
  char tag;
  unsigned long value;
  unsigned short half;
};

static const long longs[] = {0, 1, -1, 2, -2, 7, -7, 10, 255, 65536, 0x7fffffffL, 0x80000000L, -0x80000000L, 0xffffffffL,
                             0x100000000L, -0x123456789abL, 0x123456789abcdefL, LONG_MAX, LONG_MIN};
#define LONGS (sizeof longs / sizeof *longs)

static void bitfields(void) {
  Fields x = {5, -11, 0x1abcd, 0x1ffffffffffUL, -4000000, 1};
  x.a += OPAQUE(int, 4);
  x.b -= OPAQUE(int, 6);
  x.c ^= OPAQUE(int, 0x10101);
  x.d -= OPAQUE(long, 12345);
  x.e *= OPAQUE(int, 3);
  printf("bit-fields %u %d %u %lu %ld %d, size %zu\n", x.a, x.b, x.c, (unsigned long)x.d, (long)x.e, x.f, sizeof x);
  Overlay overlay = {OPAQUE(unsigned long, 0x0123456789abcdefUL)};
  printf("overlay %x %x %x %x\n", overlay.words[0], overlay.halves[1], overlay.bytes[0], overlay.bytes[7]);
  struct Packed packed;
  char raw[sizeof packed];
  packed.tag = 1;
  packed.value = OPAQUE(unsigned long, 0xfedcba9876543210UL);
  packed.half = 0xabcd;
  memcpy(raw, &packed, sizeof packed);
  for (unsigned i = 0; i < sizeof raw; i++) printf("%02x", (unsigned char)raw[i]);
  printf(" packed, size %zu; mixed %zu, offsets %zu %zu %zu\n", sizeof packed, sizeof(Mixed), offsetof(Mixed, d),
         offsetof(Mixed, i), offsetof(Mixed, tail));
}

static void division(void) {
  unsigned long hash64 = 1, hash32 = 1, hash_unsigned = 1;
  for (unsigned i = 0; i < LONGS; i++)
    for (unsigned j = 0; j < LONGS; j++) {
      volatile long a = longs[i], b = longs[j];
      if (b == 0) continue;
      if (!(a == LONG_MIN && b == -1)) {
        long quotient = a / b, rest = a % b;
        CHECK(quotient * b + rest == a);
        hash64 = mix(mix(hash64, quotient), rest);
      }
      unsigned long ua = a, ub = b;
      CHECK(ua / ub * ub + ua % ub == ua);
      hash_unsigned = mix(mix(hash_unsigned, ua / ub), ua % ub);
      int ia = a, ib = b;
      if (ib == 0 || (ia == INT_MIN && ib == -1)) continue;
      CHECK(ia / ib * ib + ia % ib == ia);
      hash32 = mix(mix(hash32, ia / ib), ia % ib);
      hash32 = mix(mix(hash32, (unsigned)ia / (unsigned)ib), (unsigned)ia % (unsigned)ib);
    }
  printf("division %016lx %016lx %016lx\n", hash64, hash_unsigned, hash32);
}

static void shifts_and_overflow(void) {
  unsigned long hash = 1;
  int overflows[3] = {0};
  for (unsigned i = 0; i < LONGS; i++) {
    volatile long a = longs[i];
    for (int n = 0; n < 64; n++) hash = mix(mix(mix(hash, a << n), a >> n), (unsigned long)a >> n);
    for (int n = 0; n < 32; n++) hash = mix(mix(mix(hash, (int)((unsigned)a << n)), (int)a >> n), (unsigned)a >> n);
    hash = mix(hash, __builtin_popcountl(a) + __builtin_bswap64(a) + (a ? __builtin_clzl(a) + __builtin_ctzl(a) : 0));
    for (unsigned j = 0; j < LONGS; j++) {
      long result;
      overflows[0] += __builtin_add_overflow(a, longs[j], &result);
      overflows[1] += __builtin_sub_overflow(a, longs[j], &result);
      overflows[2] += __builtin_mul_overflow(a, longs[j], &result);
      hash = mix(hash, result);
    }
  }
  printf("shifts %016lx, overflows %d %d %d\n", hash, overflows[0], overflows[1], overflows[2]);
}

static void wide(void) {
  unsigned long hash = 1;
  for (unsigned i = 0; i < LONGS; i++)
    for (unsigned j = 0; j < LONGS; j++) {
      volatile long a = longs[i], b = longs[j];
      __int128 product = (__int128)a * b, sum = product + a, difference = ((__int128)a << 64 | (unsigned long)b) - product;
      unsigned __int128 unsigned_product = (unsigned __int128)(unsigned long)a * (unsigned long)b;
      hash = mix(mix(hash, product >> 64), product);
      hash = mix(mix(hash, sum >> 64), difference >> 64);
      hash = mix(hash, unsigned_product >> 64);
      if (b) {
        __int128 quotient = difference / b, rest = difference % b;
        CHECK(quotient * b + rest == difference);
        hash = mix(mix(hash, quotient), rest);
        hash = mix(hash, unsigned_product / (unsigned long)b);
      }
    }
  printf("128 bits %016lx\n", hash);
}

static const double doubles[] = {0.0, -0.0, 1.0, -1.0, 0.5, 3.0, 1e-5, -2.75, 1e9, 2147483647.0, -2147483648.0,
                                 4294967295.0, 9.2e18, -9.2e18, 1e-310, 1e300, 123456.789};
#define DOUBLES (sizeof doubles / sizeof *doubles)

static void floating(void) {
  unsigned long hash = 1;
  for (unsigned i = 0; i < DOUBLES; i++)
    for (unsigned j = 0; j < DOUBLES; j++) {
      volatile double a = doubles[i], b = doubles[j];
      volatile float fa = a, fb = b;
      double results[] = {a + b, a - b, a * b, fa + fb, fa * fb, fa - fb, (a < b) + 2 * (a > b) + 4 * (a == b), b != 0 ? a / b : 0,
                          fb != 0 ? fa / fb : 0};
      for (unsigned k = 0; k < sizeof results / sizeof *results; k++) {
        unsigned long bits;
        memcpy(&bits, &results[k], 8);
        hash = mix(hash, bits);
      }
    }
  printf("floating %016lx\n", hash);
  hash = 1;
  for (unsigned i = 0; i < DOUBLES; i++) {
    volatile double a = doubles[i];
    volatile float root = __builtin_sqrtf(fabs(a));
    if (fabs(a) < 2e9) hash = mix(hash, (int)a);
    if (fabs(a) < 9.3e18) hash = mix(hash, (long)a);
    if (a > -1 && a < 9.3e18) hash = mix(hash, (unsigned long)a);
    printf("%.17g %.9g ", __builtin_sqrt(fabs(a)), (double)root);
  }
  printf("\nconversions %016lx\n", hash);
  for (unsigned i = 0; i < LONGS; i++) {
    volatile long a = longs[i];
    printf("%.17g %.9g %.17g ", (double)a, (double)(float)a, (double)(unsigned long)a);
  }
  printf("\n");
}

/* sparc64's long double has 128 bits; gcc calls _Qp_* for it. */
static void quad(void) {
  volatile long double sum = 0, factorial = 1, x = 2;
  for (int i = 1; i <= 60; i++) {
    sum += 1.0L / factorial;
    factorial *= i;
  }
  for (int i = 0; i < 8; i++) x = (x + 2 / x) / 2;
  printf("e = %.33Lf\nsqrt(2) = %.33Lf\n60! = %.0Lf\n", sum, x, factorial);
  printf("%d %d %ld %.17g %La\n", x < sum, x == sum, (long)factorial ? (long)(sum * 1000000) : 0, (double)sum, factorial);
  long double from_long = OPAQUE(long, LONG_MIN) + 0.5L;
  printf("%.1Lf %.1Lf %La\n", from_long, (long double)OPAQUE(unsigned long, ULONG_MAX), 1 / x);
}

int main(void) {
  bitfields();
  division();
  shifts_and_overflow();
  wide();
  floating();
  quad();
  return 0;
}
