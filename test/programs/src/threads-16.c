#include "check.h"
#include <pthread.h>
#include <semaphore.h>
#include <string.h>

#define PRODUCERS 8
#define CONSUMERS 8
#define THREADS (PRODUCERS + CONSUMERS)
#define ITEMS 60
#define CAPACITY 5
#define PHASES 6

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER, not_full = PTHREAD_COND_INITIALIZER;
static long queue[CAPACITY];
static int head, length, producing = PRODUCERS;

static pthread_barrier_t barrier;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static sem_t semaphore;
static long phase_values[2][THREADS];
static unsigned long added, mixed, items_taken, inside, version[2];
static unsigned char bytes[THREADS];
static unsigned short halves[THREADS];

static void put(long item) {
  pthread_mutex_lock(&lock);
  while (length == CAPACITY) pthread_cond_wait(&not_full, &lock);
  queue[(head + length++) % CAPACITY] = item;
  pthread_cond_signal(&not_empty);
  pthread_mutex_unlock(&lock);
}

static int take(long *item) {
  pthread_mutex_lock(&lock);
  while (length == 0 && producing) pthread_cond_wait(&not_empty, &lock);
  int taken = length > 0;
  if (taken) {
    *item = queue[head];
    head = (head + 1) % CAPACITY;
    length--;
    pthread_cond_signal(&not_full);
  }
  pthread_mutex_unlock(&lock);
  return taken;
}

static void produce(long me) {
  for (long i = 0; i < ITEMS; i++) put(me * 1000 + i);
  pthread_mutex_lock(&lock);
  if (--producing == 0) pthread_cond_broadcast(&not_empty);
  pthread_mutex_unlock(&lock);
}

static void consume(void) {
  long item;
  while (take(&item)) {
    __atomic_fetch_add(&items_taken, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&added, item, __ATOMIC_RELAXED);
    __atomic_fetch_xor(&mixed, mix(0xcbf29ce484222325UL, item), __ATOMIC_SEQ_CST);
  }
}

/* Each phase reads what the neighbours wrote in the phase before. */
static void phases(long me) {
  phase_values[0][me] = me;
  for (int phase = 0; phase < PHASES; phase++) {
    pthread_barrier_wait(&barrier);
    long *from = phase_values[phase & 1], *to = phase_values[~phase & 1];
    to[me] = from[(me + 1) % THREADS] * 3 + from[(me + THREADS - 1) % THREADS];
  }
  pthread_barrier_wait(&barrier);
}

static void narrow_atomics(long me) {
  for (int i = 0; i < 100; i++) {
    __atomic_fetch_add(&bytes[(me + i) % THREADS], 1, __ATOMIC_ACQ_REL);
    __atomic_fetch_sub(&halves[(me * 5 + i) % THREADS], 3, __ATOMIC_ACQ_REL);
  }
}

static void readers_and_writers(long me) {
  for (int i = 0; i < 20; i++) {
    if ((me + i) % 8 == 0) {
      pthread_rwlock_wrlock(&rwlock);
      version[0]++;
      sched_yield();
      version[1]++;
      pthread_rwlock_unlock(&rwlock);
    } else {
      pthread_rwlock_rdlock(&rwlock);
      CHECK(version[0] == version[1]);
      pthread_rwlock_unlock(&rwlock);
    }
  }
}

static void at_most_three(void) {
  for (int i = 0; i < 10; i++) {
    CHECK(sem_wait(&semaphore) == 0);
    CHECK(__atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST) <= 3);
    __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
    CHECK(sem_post(&semaphore) == 0);
  }
}

static void *work(void *argument) {
  long me = (long)argument;
  if (me < PRODUCERS)
    produce(me);
  else
    consume();
  phases(me);
  narrow_atomics(me);
  readers_and_writers(me);
  at_most_three();
  return (void *)(me * me);
}

int main(void) {
  pthread_t threads[THREADS];
  pthread_attr_t attributes;
  CHECK(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
  CHECK(sem_init(&semaphore, 0, 3) == 0);
  CHECK(pthread_attr_init(&attributes) == 0);
  CHECK(pthread_attr_setstacksize(&attributes, 256 << 10) == 0);
  for (long i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], &attributes, work, (void *)i) == 0);
  long squares = 0;
  for (int i = 0; i < THREADS; i++) {
    void *result;
    CHECK(pthread_join(threads[i], &result) == 0);
    squares += (long)result;
  }
  CHECK(items_taken == PRODUCERS * ITEMS);
  printf("queue: %lu items, sum %lu, mix %016lx\n", items_taken, added, mixed);
  printf("barrier:");
  for (int i = 0; i < THREADS; i++) printf(" %ld", phase_values[PHASES & 1][i]);
  printf("\nbytes:");
  for (int i = 0; i < THREADS; i++) printf(" %u", bytes[i]);
  printf("\nhalves:");
  for (int i = 0; i < THREADS; i++) printf(" %u", halves[i]);
  printf("\nwrites %lu, squares %ld\n", version[0], squares);
  return 0;
}
