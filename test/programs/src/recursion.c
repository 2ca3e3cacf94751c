#include "check.h"

static int ackermann(int m, int n) {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

static int fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

static int is_odd(int n);
static int __attribute__((noinline)) is_even(int n) { return n == 0 ? 1 : is_odd(n - 1); }
static int __attribute__((noinline)) is_odd(int n) { return n == 0 ? 0 : is_even(n - 1); }

/* Every local must come back from its window or from the stack as it was left. */
static unsigned long __attribute__((noinline)) deep(long depth, unsigned long seed) {
  volatile unsigned long guard = seed ^ depth;
  unsigned long a = seed * 3 + 1, b = seed ^ a >> 7, c = a + b * 5, d = c ^ depth << 11, e = d * 7 + 3;
  unsigned long below = depth ? deep(depth - 1, e) : 1;
  CHECK(guard == (seed ^ depth));
  CHECK(a == seed * 3 + 1);
  return mix(below, a ^ b ^ c ^ d ^ e);
}

static int many_arguments(int a, int b, int c, int d, int e, int f, int g, int h, int i, double x, long j) {
  if (a == 0) return b + c + d + e + f + g + h + i + (int)x + (int)j;
  return 1 + many_arguments(a - 1, c, d, e, f, g, h, i, b, x + 1, j * 3 % 1001);
}

typedef struct {
  long values[6];
  double ratio;
} Wide;

static Wide by_value(Wide wide, int depth) {
  if (depth == 0) return wide;
  for (int i = 0; i < 6; i++) wide.values[i] += depth * i;
  wide.ratio /= 2;
  Wide result = by_value(wide, depth - 1);
  result.values[depth % 6] ^= depth;
  return result;
}

static int by_pointer(int (*self)(void *, int), int depth) { return depth ? self((void *)self, depth - 1) + 1 : 0; }
static int bounce(void *self, int depth) { return by_pointer((int (*)(void *, int))self, depth); }

int main(void) {
  printf("ackermann(2, 40) = %d\n", ackermann(2, 40));
  printf("ackermann(3, 5) = %d\n", ackermann(3, 5));
  CHECK(ackermann(3, 4) == 125);
  printf("fibonacci(20) = %d\n", fibonacci(20));
  printf("5001 is %s\n", is_even(5001) ? "even" : "odd");
  for (int depth = 0; depth <= 20; depth++) printf("deep(%d) = %016lx\n", depth, deep(depth, 12345));
  printf("deep(8000) = %016lx\n", deep(8000, 99));
  printf("many_arguments = %d\n", many_arguments(100, 1, 2, 3, 4, 5, 6, 7, 8, 0.5, 9));
  Wide wide = by_value((Wide){{1, 2, 3, 4, 5, 6}, 1024.0}, 12);
  for (int i = 0; i < 6; i++) printf("%ld ", wide.values[i]);
  printf("%g\n", wide.ratio);
  printf("bounce = %d\n", bounce((void *)bounce, 500));
  return 0;
}
