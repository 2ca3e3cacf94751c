/* Ways to end: the first argument chooses one. */
#include "check.h"
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static volatile int zero;
static volatile unsigned long here[2];

static void farewell(void) { printf("atexit\n"); }

static void *exit_from_thread(void *unused) {
  (void)unused;
  printf("exit from a thread\n");
  exit(7);
}

static void *forever(void *unused) {
  for (;;) pause();
  return unused;
}

static int __attribute__((noinline)) overflow(int depth) {
  volatile char frame[500];
  memset((char *)frame, depth, sizeof frame);
  return overflow(depth + 1) + frame[depth % 500];
}

int main(int argc, char **argv) {
  const char *way = argc > 1 ? argv[1] : "return";
  setvbuf(stdout, NULL, _IONBF, 0);
  printf("before %s\n", way);
  if (!strcmp(way, "return")) {
    atexit(farewell);
    return 42;
  }
  if (!strcmp(way, "exit-300")) exit(300);
  if (!strcmp(way, "_exit")) {
    atexit(farewell);
    _exit(3);
  }
  if (!strcmp(way, "thread-exit") || !strcmp(way, "main-returns")) {
    pthread_t threads[2];
    CHECK(pthread_create(&threads[0], NULL, forever, NULL) == 0);
    if (!strcmp(way, "main-returns")) return 5;
    CHECK(pthread_create(&threads[1], NULL, exit_from_thread, NULL) == 0);
    pthread_join(threads[0], NULL);
  }
  if (!strcmp(way, "abort")) abort();
  if (!strcmp(way, "null")) return *(volatile int *)(unsigned long)zero;
  if (!strcmp(way, "null-write")) *(volatile int *)(unsigned long)(zero + 8) = 1;
  if (!strcmp(way, "text-write")) *(volatile int *)main = 1;
  if (!strcmp(way, "jump")) ((void (*)(void))(unsigned long)(zero + 0x7000))();
  if (!strcmp(way, "illegal")) asm volatile("illtrap 0x123");
  if (!strcmp(way, "privileged")) asm volatile("rdpr %%tba, %%g1" ::: "g1");
  if (!strcmp(way, "divide")) return argc / zero;
  if (!strcmp(way, "divide-64")) return (int)((argc + 0x100000000L) / zero);
  if (!strcmp(way, "misaligned")) return *(volatile int *)((char *)here + 1 + zero);
  if (!strcmp(way, "misaligned-store")) *(volatile long *)((char *)here + 4 + zero) = 1;
  if (!strcmp(way, "trap-5")) asm volatile("ta 5");
  if (!strcmp(way, "stack")) return overflow(zero);
  printf("after %s\n", way);
  return 99;
}
