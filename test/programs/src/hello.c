#include <float.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>

static volatile double zero = 0.0;

int main(int argc, char **argv) {
  printf("hello, %s\n", "sparc64");
  printf("%d arguments\n", argc - 1);
  for (int i = 1; i < argc; i++) printf("argument %d: [%s]\n", i, argv[i]);

  printf("%d %d %d %d\n", 0, -1, INT_MAX, INT_MIN);
  printf("%u %lu %llu\n", UINT_MAX, ULONG_MAX, ULLONG_MAX);
  printf("%ld %ld\n", LONG_MAX, LONG_MIN);
  printf("%x %X %#x %o %#o\n", 0xdeadbeef, 0xcafe, 0x10, 0755, 8);
  printf("[%5d] [%-5d] [%05d] [%+d] [% d]\n", 42, 42, 42, 42, 42);
  printf("[%.3d] [%8.3d] [%-8.3x]\n", 7, 7, 7);
  printf("%hhd %hd %zu %td %jd\n", (signed char)300, (short)70000, sizeof(long), (ptrdiff_t)-9, (__intmax_t)-10);
  printf("[%s] [%10s] [%-10s] [%.3s] [%*s] %c %%\n", "word", "right", "left", "truncated", 6, "star", 'c');

  double values[] = {0.0,     -0.0,    1.0,      -1.5,        3.141592653589793, 1e10,    1e-10,    123456789.125,
                     2.5,     0.1,     1.0 / 3,  DBL_MAX,     DBL_MIN,           5e-324,  1e15,     1e16,
                     999999.5, 0.5,    100.0,    -6.02214e23, 1.25e-5,           65536.0, 1e22,     -DBL_EPSILON};
  for (unsigned i = 0; i < sizeof values / sizeof *values; i++)
    printf("%g %e %.3f %a %.17g\n", values[i], values[i], values[i], values[i], values[i]);

  printf("%f %F %e %g %a\n", 1.0 / zero, -1.0 / zero, 1.0 / zero, -1.0 / zero, 1.0 / zero);
  double nan_value = copysign(zero / zero, 1.0);
  printf("%f %F %g %d\n", nan_value, nan_value, -nan_value, nan_value == nan_value);
  printf("%Lg %Le %La\n", 1.0L / 3, LDBL_MAX, -0.1L);
  printf("[%10.2f] [%-10.2e] [%+g] [%010.3f] [%#g]\n", 2.675, 12345.678, 0.5, -3.14159, 1.0);
  printf("%.0f %.0f %.0f %.0f\n", 0.5, 1.5, 2.5, 3.5);

  double scanned;
  int count;
  int fields = sscanf("-12.5e-3 77", "%lf %d", &scanned, &count);
  printf("%d %g %d\n", fields, scanned, count);
  fprintf(stderr, "this line goes to stderr\n");
  return 0;
}
