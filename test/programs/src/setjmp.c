#include "check.h"
#include <setjmp.h>
#include <ucontext.h>

static jmp_buf top, inner;
static volatile int unwound;

static long __attribute__((noinline)) descend(int depth, int target, long value) {
  long local = value * 3 + depth;
  if (depth == target) longjmp(top, depth);
  if (depth > target) return local;
  long below = descend(depth + 1, target, local);
  unwound++;
  return below + local;
}

static int nested(int throws) {
  volatile int caught = 0;
  for (volatile int i = 0; i < throws; i++) {
    int code = setjmp(inner);
    if (code == 0) longjmp(inner, i + 1);
    caught += code;
  }
  return caught;
}

static ucontext_t contexts[3];
static char stacks[2][65536];
static volatile int turns[2];

/* With an argument the first coroutine ends by returning, so that uc_link is taken. */
static int returns;

static void coroutine(int me) {
  for (int i = 0; i < 5; i++) {
    turns[me] += i * (me + 1);
    printf("coroutine %d, turn %d\n", me, i);
    swapcontext(&contexts[me], &contexts[1 - me]);
  }
  if (!returns) swapcontext(&contexts[me], &contexts[2]);
}

static void coroutines(void) {
  for (volatile int i = 0; i < 2; i++) {
    CHECK(getcontext(&contexts[i]) == 0);
    contexts[i].uc_stack.ss_sp = stacks[i];
    contexts[i].uc_stack.ss_size = sizeof stacks[i];
    contexts[i].uc_link = &contexts[2];
    makecontext(&contexts[i], (void (*)(void))coroutine, 1, i);
  }
  CHECK(swapcontext(&contexts[2], &contexts[0]) == 0);
  printf("coroutines: %d %d\n", turns[0], turns[1]);
}

int main(int argc, char **argv) {
  (void)argv;
  returns = argc > 1;
  int depths[] = {1, 2, 6, 7, 8, 9, 15, 40, 300};
  for (unsigned i = 0; i < sizeof depths / sizeof *depths; i++) {
    volatile long kept = 1000 + i;
    unwound = 0;
    int code = setjmp(top);
    if (code == 0) {
      descend(0, depths[i], kept);
      CHECK(!"descend returned");
    }
    CHECK(code == depths[i]);
    CHECK(kept == 1000 + i);
    CHECK(unwound == 0);
    printf("longjmp from %d frames down\n", code);
  }

  volatile int zero_turned_one = 0;
  int code = setjmp(top);
  if (!zero_turned_one) {
    zero_turned_one = 1;
    longjmp(top, 0);
  }
  printf("longjmp(0) gives %d\n", code);
  printf("%d caught\n", nested(100));

  coroutines();
  return 0;
}
