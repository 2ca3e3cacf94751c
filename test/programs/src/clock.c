#define _GNU_SOURCE
#include "check.h"
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

static long nanoseconds(clockid_t clock) {
  struct timespec now;
  CHECK(clock_gettime(clock, &now) == 0);
  CHECK(now.tv_nsec >= 0 && now.tv_nsec < 1000000000);
  return now.tv_sec * 1000000000L + now.tv_nsec;
}

static void *sleeper(void *argument) {
  long milliseconds = (long)argument;
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  long before = nanoseconds(CLOCK_MONOTONIC);
  CHECK(nanosleep(&time, NULL) == 0);
  CHECK(nanoseconds(CLOCK_MONOTONIC) - before >= milliseconds * 1000000);
  return NULL;
}

int main(void) {
  long before = nanoseconds(CLOCK_MONOTONIC);
  for (int i = 0; i < 5; i++) {
    long now = nanoseconds(CLOCK_MONOTONIC);
    CHECK(now >= before);
    before = now;
  }
  sleeper((void *)20);
  usleep(1000);
  printf("slept\n");

  struct timespec until;
  CHECK(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
  until.tv_nsec += 5000000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_nsec -= 1000000000;
    until.tv_sec++;
  }
  CHECK(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == 0);
  CHECK(nanoseconds(CLOCK_MONOTONIC) >= until.tv_sec * 1000000000L + until.tv_nsec);
  printf("slept until\n");

  struct timespec wrong = {0, 1000000000};
  CHECK(nanosleep(&wrong, NULL) == -1 && errno == EINVAL);

  CHECK(clock_gettime(CLOCK_REALTIME, &until) == 0);
  until.tv_nsec += 3000000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_nsec -= 1000000000;
    until.tv_sec++;
  }
  pthread_mutex_lock(&mutex);
  int error = pthread_cond_timedwait(&never, &mutex, &until);
  pthread_mutex_unlock(&mutex);
  printf("timed wait ends with ETIMEDOUT: %d\n", error == ETIMEDOUT);

  pthread_t threads[3];
  long start = nanoseconds(CLOCK_MONOTONIC);
  for (long i = 0; i < 3; i++) CHECK(pthread_create(&threads[i], NULL, sleeper, (void *)(5 + i * 5)) == 0);
  for (int i = 0; i < 3; i++) CHECK(pthread_join(threads[i], NULL) == 0);
  CHECK(nanoseconds(CLOCK_MONOTONIC) - start >= 15000000);

  struct timeval day;
  CHECK(gettimeofday(&day, NULL) == 0 && day.tv_usec >= 0 && day.tv_usec < 1000000);
  CHECK(time(NULL) >= day.tv_sec && nanoseconds(CLOCK_PROCESS_CPUTIME_ID) >= 0);
  struct timespec resolution;
  CHECK(clock_getres(CLOCK_MONOTONIC, &resolution) == 0 && resolution.tv_sec == 0 && resolution.tv_nsec > 0);
  CHECK(clock_gettime(9999, &resolution) == -1 && errno == EINVAL);

  time_t moment = 1000000000;
  struct tm parts;
  char text[64];
  CHECK(gmtime_r(&moment, &parts));
  CHECK(strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts));
  printf("%s\n", text);
  return 0;
}
