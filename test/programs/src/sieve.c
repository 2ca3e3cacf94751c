#include "check.h"
#include <string.h>

int main(int argc, char **argv) {
  int limit = argc > 1 ? atoi(argv[1]) : 200000;
  CHECK(limit >= 2);
  char *composite = calloc(limit + 1, 1);
  CHECK(composite);
  int primes = 0, last = 0, twins = 0;
  unsigned long sum = 0;
  for (int i = 2; i <= limit; i++) {
    if (composite[i]) continue;
    twins += primes && i - last == 2;
    primes++;
    last = i;
    sum += i;
    for (long j = (long)i * i; j <= limit; j += i) composite[j] = 1;
  }
  if (limit == 200000) CHECK(primes == 17984);
  printf("%d primes up to %d, %d pairs of twins, the last is %d, their sum is %lu\n", primes, limit, twins, last, sum);
  return 0;
}
