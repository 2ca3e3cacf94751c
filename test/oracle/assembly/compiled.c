/* Compiled to assembly, not run: data of all kinds, and code that takes every way a compiler has to reach it. */
typedef unsigned long u64;
typedef unsigned int u32;

static int table[] = {5, 3, 8, 1};
const char *names[] = {"one", "two\n", "th\"ree"};
double weights[4] = {1.5, -2.25, 3e10, 0};
static char buffer[1000];
long counter;
__attribute__((aligned(64))) u32 aligned = 7;

static int compare(int a, int b) {
  return a < b ? -1 : a > b;
}

void sort(int *a, int n) {
  for (int i = 0; i < n; i++)
    for (int j = i + 1; j < n; j++)
      if (compare(a[i], a[j]) > 0) {
        int t = a[i];
        a[i] = a[j];
        a[j] = t;
      }
}

int choose(int x) {
  switch (x) {
  case 0: return 5;
  case 1: return table[1];
  case 2: return 77;
  case 3: return 12345678;
  case 4: return -1;
  case 5: return names[x % 3][0];
  default: return counter;
  }
}

u64 mix(u64 x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdUL;
  x ^= x >> 33;
  return x * 0xc4ceb9fe1a85ec53UL;
}

double dot(double *a, int n) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += a[i] * weights[i & 3];
  return sum;
}

float convert(int i, long l) {
  return (float)i / 3.0f + (float)l;
}

int swap_if(int *p, int a, int b) {
  return __sync_val_compare_and_swap(p, a, b);
}

u64 fetch_add(u64 *p, u64 a) {
  return __atomic_fetch_add(p, a, __ATOMIC_SEQ_CST);
}

void fill(void) {
  for (int i = 0; i < 1000; i++) buffer[i] = i;
  counter += buffer[7];
  aligned++;
}

long divide(long a, long b, u32 c, u32 d) {
  return a / b + c / d + a % b;
}

int main(void) {
  sort(table, 4);
  fill();
  return choose(table[0]) + (int)dot(weights, 4) + mix(3) + (int)convert(1, 2) + divide(5, 6, 7, 8);
}
