// Persistent worker threads for loops whose items are independent.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace filigree {

// `run` hands items 0..count-1 to whichever thread is free; since every item owns its outputs, results do not depend
// on who took what. The calling thread takes part. One loop at a time, from one thread.
class ThreadPool {
 public:
  // `threads` counts the calling thread, so 1 starts no worker.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return int(workers_.size()) + 1; }

  // Calls body(item, thread) for every item and returns when all are done; thread is 0 <= thread < threads().
  // `body` must not throw.
  template <class Body>
  void run(int count, const Body& body) {
    if (count <= 1 || workers_.empty()) {
      for (int item = 0; item < count; ++item) body(item, 0);
      return;
    }
    const Call call = [](const void* context, int item, int thread) {
      (*static_cast<const Body*>(context))(item, thread);
    };
    dispatch(count, call, &body);
  }

 private:
  using Call = void (*)(const void* context, int item, int thread);

  void dispatch(int count, Call call, const void* context);
  void work(int thread);
  void takeItems(int thread);
  uint64_t awaitLoop(uint64_t seen);

  std::vector<std::thread> workers_;
  Call call_ = nullptr;
  const void* context_ = nullptr;
  int count_ = 0;
  std::atomic<int> next_{0};
  std::atomic<uint64_t> epoch_{0};  // odd while a loop is open
  std::atomic<int> active_{0};      // workers inside an open loop, or about to find out that it is closed
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<int> sleepers_{0};
};

}  // namespace filigree
