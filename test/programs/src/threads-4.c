#include "check.h"
#include <pthread.h>
#include <stdatomic.h>

#define THREADS 4
#define ROUNDS 500

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int turn, shared_counter, initialised;
static atomic_long atomic_counter;
static atomic_uchar atomic_byte;
static atomic_flag spin = ATOMIC_FLAG_INIT;
static long spun;
static __thread int thread_local_value = 7;
static char rota[THREADS * 8 + 1];
static atomic_int destructors;

static void initialise(void) { initialised++; }
static void destroy(void *value) { destructors += (long)value; }

static void *work(void *argument) {
  long me = (long)argument;
  pthread_once(&once, initialise);
  pthread_setspecific(key, (void *)(me + 1));
  for (int i = 0; i < ROUNDS; i++) {
    pthread_mutex_lock(&mutex);
    shared_counter++;
    pthread_mutex_unlock(&mutex);
    atomic_fetch_add(&atomic_counter, me + 1);
    atomic_fetch_add(&atomic_byte, 1);
    while (atomic_flag_test_and_set(&spin)) sched_yield();
    spun++;
    atomic_flag_clear(&spin);
    thread_local_value += me;
  }
  for (int i = 0; i < 8; i++) {
    pthread_mutex_lock(&mutex);
    while (turn % THREADS != me) pthread_cond_wait(&turn_changed, &mutex);
    rota[turn++] = 'A' + me;
    pthread_cond_broadcast(&turn_changed);
    pthread_mutex_unlock(&mutex);
  }
  CHECK(pthread_getspecific(key) == (void *)(me + 1));
  return (void *)(long)thread_local_value;
}

int main(void) {
  pthread_t threads[THREADS];
  CHECK(pthread_key_create(&key, destroy) == 0);
  for (long i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, work, (void *)i) == 0);
  for (int i = 0; i < THREADS; i++) {
    void *result;
    CHECK(pthread_join(threads[i], &result) == 0);
    printf("thread %d returned %ld\n", i, (long)result);
  }
  CHECK(shared_counter == THREADS * ROUNDS);
  CHECK(spun == THREADS * ROUNDS);
  CHECK(atomic_byte == (unsigned char)(THREADS * ROUNDS));
  printf("mutex %d, atomic %ld, spin %ld, once %d, destructors %d, main's own %d\n", shared_counter,
         atomic_load(&atomic_counter), spun, initialised, atomic_load(&destructors), thread_local_value);
  printf("turns %s\n", rota);
  return 0;
}
