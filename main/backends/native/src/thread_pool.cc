#include "thread_pool.h"

#include <chrono>
#include <system_error>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace filigree {

namespace {

void pauseBriefly() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__) && !defined(_MSC_VER)
  __asm__ __volatile__("yield");
#endif
}

// Loops of one training step follow each other within microseconds; waking a sleeping thread costs more than that.
constexpr auto kSpin = std::chrono::microseconds(60);

}  // namespace

ThreadPool::ThreadPool(int threads) {
  try {
    for (int thread = 1; thread < threads; ++thread) workers_.emplace_back([this, thread] { work(thread); });
  } catch (const std::system_error&) {
    // The system grants no more threads: the ones there are give the same results, later.
  }
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::dispatch(int count, Call call, const void* context) {
  call_ = call;
  context_ = context;
  count_ = count;
  next_ = 0;
  epoch_.fetch_add(1);
  if (sleepers_.load() > 0) {
    // Taking the lock makes sure that a worker between its check of the epoch and its wait does not miss this.
    { std::lock_guard<std::mutex> lock(mutex_); }
    wake_.notify_all();
  }
  takeItems(0);
  epoch_.fetch_add(1);
  // A worker that arrives from here on sees the loop closed and leaves; the others finish the items they hold.
  for (int spins = 0; active_.load() > 0; ++spins) {
    if (spins < 4000) pauseBriefly();
    else std::this_thread::yield();
  }
}

void ThreadPool::takeItems(int thread) {
  for (;;) {
    const int item = next_.fetch_add(1, std::memory_order_relaxed);
    if (item >= count_) return;
    call_(context_, item, thread);
  }
}

void ThreadPool::work(int thread) {
  uint64_t seen = 0;
  while (!stop_.load(std::memory_order_relaxed)) {
    seen = awaitLoop(seen);
    active_.fetch_add(1);
    if (epoch_.load() == seen && seen % 2 == 1) takeItems(thread);
    active_.fetch_sub(1);
  }
}

// Returns once a loop other than `seen` is open (or the pool stops): spins for a while, then sleeps.
uint64_t ThreadPool::awaitLoop(uint64_t seen) {
  const auto isNew = [&](uint64_t epoch) {
    return (epoch % 2 == 1 && epoch != seen) || stop_.load(std::memory_order_relaxed);
  };
  const auto deadline = std::chrono::steady_clock::now() + kSpin;
  do {
    for (int i = 0; i < 64; ++i) {
      const uint64_t epoch = epoch_.load();
      if (isNew(epoch)) return epoch;
      pauseBriefly();
    }
  } while (std::chrono::steady_clock::now() < deadline);
  std::unique_lock<std::mutex> lock(mutex_);
  sleepers_.fetch_add(1);
  uint64_t epoch = 0;
  wake_.wait(lock, [&] { return isNew(epoch = epoch_.load()); });
  sleepers_.fetch_sub(1);
  return epoch;
}

}  // namespace filigree
