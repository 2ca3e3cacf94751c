#include "check.h"

static void swap(int *a, int *b) {
  int t = *a;
  *a = *b;
  *b = t;
}

static void quicksort(int *first, int *last) {
  while (first < last) {
    int pivot = first[(last - first) / 2];
    int *left = first, *right = last;
    while (left <= right) {
      while (*left < pivot) left++;
      while (*right > pivot) right--;
      if (left <= right) swap(left++, right--);
    }
    quicksort(first, right);
    first = left;
  }
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 20000;
  CHECK(count > 0);
  int *values = malloc(count * sizeof *values);
  CHECK(values);
  unsigned long state = 88172645463325252UL, sum = 0, sorted_sum = 0, hash = 0xcbf29ce484222325UL;
  for (int i = 0; i < count; i++) {
    values[i] = (int)next_random(&state);
    sum += values[i];
  }
  quicksort(values, values + count - 1);
  for (int i = 0; i < count; i++) {
    CHECK(i == 0 || values[i - 1] <= values[i]);
    sorted_sum += values[i];
    hash = mix(hash, (unsigned)values[i]);
  }
  CHECK(sum == sorted_sum);
  printf("sorted %d integers: least %d, median %d, greatest %d, hash %016lx\n", count, values[0], values[count / 2],
         values[count - 1], hash);
  return 0;
}
