/* Threads map, fill, check, protect, move and unmap memory of their own while readers walk areas that a publisher
   replaces: each area is unmapped only after every reader has let go of it. */
#define _GNU_SOURCE
#include "check.h"
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 8192UL
#define MAPPERS 3
#define READERS 3
#define ROUNDS 24
#define EDITIONS 16
#define AREA_PAGES 6

typedef struct {
  unsigned long *words;
  long edition;
  int readers;
} Area;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static Area area;
static int seen[READERS];

static unsigned long *map(unsigned long pages) {
  void *at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(at != MAP_FAILED);
  CHECK(((unsigned long)at & (PAGE - 1)) == 0);
  return at;
}

static unsigned long pattern(unsigned long seed, unsigned long index) { return (seed + 1) * 0x9e3779b97f4a7c15UL ^ index * 0x10001; }

static void fill(unsigned long *words, unsigned long from, unsigned long pages, unsigned long seed) {
  for (unsigned long page = from; page < from + pages; page++)
    for (unsigned long i = 0; i < PAGE / 8; i += 64) words[page * (PAGE / 8) + i] = pattern(seed, page * (PAGE / 8) + i);
}

static unsigned long verify(const unsigned long *words, unsigned long from, unsigned long pages, unsigned long seed, unsigned long shift) {
  unsigned long hash = 0xcbf29ce484222325UL;
  for (unsigned long page = from; page < from + pages; page++)
    for (unsigned long i = 0; i < PAGE / 8; i += 64) {
      unsigned long at = page * (PAGE / 8) + i;
      CHECK(words[at] == pattern(seed, at + shift));
      hash = mix(hash, words[at]);
    }
  return hash;
}

static void expect_zero(const unsigned long *words, unsigned long from, unsigned long pages) {
  for (unsigned long page = from; page < from + pages; page++)
    for (unsigned long i = 0; i < PAGE / 8; i += 128) CHECK(words[page * (PAGE / 8) + i] == 0);
}

static unsigned long one_round(unsigned long seed) {
  unsigned long pages = 3 + seed % 5;
  unsigned long *words = map(pages);
  expect_zero(words, 0, pages);
  fill(words, 0, pages, seed);
  unsigned long hash = verify(words, 0, pages, seed, 0);

  CHECK(mprotect(words, pages * PAGE, PROT_READ) == 0);
  verify(words, 0, pages, seed, 0);
  CHECK(mprotect((char *)words + PAGE, PAGE, PROT_READ | PROT_WRITE) == 0);
  fill(words, 1, 1, seed + 100);
  verify(words, 1, 1, seed + 100, 0);
  verify(words, 2, pages - 2, seed, 0);
  CHECK(mprotect(words, pages * PAGE, PROT_READ | PROT_WRITE) == 0);

  /* A hole in the middle, filled again by a fixed mapping, must read as zero. */
  CHECK(munmap((char *)words + PAGE, PAGE) == 0);
  void *again = mmap((char *)words + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  CHECK(again == (char *)words + PAGE);
  expect_zero(words, 1, 1);
  fill(words, 1, 1, seed);

  /* Growing may move it; the old contents come along and the new pages are zero. */
  unsigned long *grown = mremap(words, pages * PAGE, 2 * pages * PAGE, MREMAP_MAYMOVE);
  CHECK(grown != MAP_FAILED);
  hash = mix(hash, verify(grown, 0, pages, seed, 0));
  expect_zero(grown, pages, pages);
  fill(grown, pages, pages, seed + 7);

  /* Moving onto another mapping replaces it. */
  unsigned long *target = map(2 * pages);
  fill(target, 0, 2 * pages, seed + 55);
  unsigned long *moved = mremap(grown, 2 * pages * PAGE, 2 * pages * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target);
  CHECK(moved == target);
  hash = mix(hash, verify(moved, 0, pages, seed, 0));
  hash = mix(hash, verify(moved, pages, pages, seed + 7, 0));

  /* Shrinking gives the tail back. */
  CHECK(mremap(moved, 2 * pages * PAGE, PAGE, 0) == moved);
  verify(moved, 0, 1, seed, 0);

  /* MADV_DONTNEED drops the contents and keeps the mapping. */
  CHECK(madvise(moved, PAGE, MADV_DONTNEED) == 0);
  expect_zero(moved, 0, 1);
  CHECK(munmap(moved, PAGE) == 0);
  return hash;
}

static void *mapper(void *argument) {
  unsigned long hash = 0;
  for (unsigned long round = 0; round < ROUNDS; round++) hash = mix(hash, one_round((unsigned long)argument * 1000 + round));
  return (void *)hash;
}

static void *reader(void *argument) {
  long me = (long)argument, last = 0;
  unsigned long hash = 0;
  while (last < EDITIONS) {
    pthread_mutex_lock(&lock);
    while (area.edition == last) pthread_cond_wait(&changed, &lock);
    unsigned long *words = area.words;
    last = area.edition;
    area.readers++;
    pthread_mutex_unlock(&lock);

    hash ^= verify(words, 0, AREA_PAGES, last, 0);
    sched_yield();
    verify(words, 0, AREA_PAGES, last, 0);

    pthread_mutex_lock(&lock);
    area.readers--;
    seen[me]++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
  }
  return (void *)hash;
}

/* Waits until each reader has read the edition, unmaps it and publishes the next one, often at the same address. */
static void *publisher(void *unused) {
  (void)unused;
  for (long edition = 1; edition <= EDITIONS; edition++) {
    unsigned long *words = map(AREA_PAGES);
    fill(words, 0, AREA_PAGES, edition);
    CHECK(mprotect(words, AREA_PAGES * PAGE, PROT_READ) == 0);
    pthread_mutex_lock(&lock);
    area.words = words;
    area.edition = edition;
    pthread_cond_broadcast(&changed);
    for (int i = 0; i < READERS; i++)
      while (seen[i] < edition || area.readers) pthread_cond_wait(&changed, &lock);
    CHECK(munmap(words, AREA_PAGES * PAGE) == 0);
    pthread_mutex_unlock(&lock);
  }
  return NULL;
}

int main(void) {
  pthread_t mappers[MAPPERS], readers[READERS], publishing;
  CHECK(sysconf(_SC_PAGESIZE) == PAGE);
  for (long i = 0; i < READERS; i++) CHECK(pthread_create(&readers[i], NULL, reader, (void *)i) == 0);
  CHECK(pthread_create(&publishing, NULL, publisher, NULL) == 0);
  for (long i = 0; i < MAPPERS; i++) CHECK(pthread_create(&mappers[i], NULL, mapper, (void *)i) == 0);
  for (int i = 0; i < MAPPERS; i++) {
    void *hash;
    CHECK(pthread_join(mappers[i], &hash) == 0);
    printf("mapper %d: %016lx\n", i, (unsigned long)hash);
  }
  CHECK(pthread_join(publishing, NULL) == 0);
  for (int i = 0; i < READERS; i++) {
    void *hash;
    CHECK(pthread_join(readers[i], &hash) == 0);
    printf("reader %d: %d editions, %016lx\n", i, seen[i], (unsigned long)hash);
  }
  return 0;
}
