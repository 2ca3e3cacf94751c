#include "check.h"
#include <math.h>
#include <string.h>

#define COUNT 600

typedef struct {
  double key;
  int index;
  char name[12];
} Record;

static double values[COUNT];
static Record records[COUNT];

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static int by_key_then_index(const void *a, const void *b) {
  const Record *x = a, *y = b;
  return x->key < y->key ? -1 : x->key > y->key ? 1 : x->index - y->index;
}

static int by_name(const void *a, const void *b) { return strcmp(((const Record *)a)->name, ((const Record *)b)->name); }

int main(void) {
  unsigned long state = 0x2545f4914f6cdd1dUL;
  for (int i = 0; i < COUNT; i++) {
    double unit = (double)(long)(next_random(&state) >> 11) / 9007199254740992.0;
    values[i] = (i % 3 ? 1 : -1) * pow(10, unit * 40 - 20);
    records[i].key = floor(unit * 50);
    records[i].index = i;
    snprintf(records[i].name, sizeof records[i].name, "%c%05.0f", 'a' + i % 26, unit * 99999);
  }
  values[7] = INFINITY;
  values[9] = -INFINITY;
  values[11] = 0.0;
  qsort(values, COUNT, sizeof *values, by_value);
  double sum = 0;
  for (int i = 0; i < COUNT; i++) {
    CHECK(i == 0 || values[i - 1] <= values[i]);
    if (isfinite(values[i])) sum += log1p(fabs(values[i])) * sin(i);
  }
  printf("%g %.12g %.12g %.12g %g\n", values[0], values[1], values[COUNT / 2], values[COUNT - 2], values[COUNT - 1]);
  printf("sum %.15g\n", sum);
  double wanted = values[123], *found = bsearch(&wanted, values, COUNT, sizeof *values, by_value);
  CHECK(found && *found == wanted);

  qsort(records, COUNT, sizeof *records, by_key_then_index);
  for (int i = 1; i < COUNT; i++) CHECK(by_key_then_index(&records[i - 1], &records[i]) < 0);
  printf("%d %d %d\n", records[0].index, records[COUNT / 2].index, records[COUNT - 1].index);
  qsort(records, COUNT, sizeof *records, by_name);
  for (int i = 1; i < COUNT; i++) CHECK(by_name(&records[i - 1], &records[i]) <= 0);
  printf("%s %s %s\n", records[0].name, records[COUNT / 2].name, records[COUNT - 1].name);
  printf("%.15g %.15g %.15g %.15g %.15g\n", exp(1.5), log(10), cos(3), atan2(1, -2), fmod(1e10, 7.3));
  return 0;
}
