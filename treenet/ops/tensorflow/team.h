// What our own operations and loops compute on: threads, and the widest instructions.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <thread>

// The widest instructions that the CPU has, chosen when the addon is loaded.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define WIDEST __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDEST
#endif

namespace treenet {

// Threads that share out work, as many as TensorFlow's own less the caller's. They live as long as the process.
class Team {
 public:
  static Team& get() {
    static Team* team = new Team();  // never destroyed: its threads wait on it until the process is gone
    return *team;
  }

  // Calls `body` with 0 … count − 1, each once, and returns when all are done.
  void run(int64_t count, const std::function<void(int64_t)>& body) {
    const std::lock_guard<std::mutex> one_at_a_time(turn_);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      body_ = &body;
      count_ = count;
      next_ = 0;
      ++job_;
    }
    if (count > 1) start_.notify_all();
    work(body);
    std::unique_lock<std::mutex> lock(mutex_);
    body_ = nullptr;
    done_.wait(lock, [this] { return working_ == 0; });
  }

 private:
  Team() {
    const char* threads = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int wanted = threads == nullptr ? static_cast<int>(std::thread::hardware_concurrency()) : std::atoi(threads);
    for (int i = 1; i < wanted; ++i) std::thread([this] { live(); }).detach();
  }

  void live() {
    uint64_t seen = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      start_.wait(lock, [&] { return body_ != nullptr && job_ != seen; });
      seen = job_;
      const auto& body = *body_;
      ++working_;
      lock.unlock();
      work(body);
      lock.lock();
      if (--working_ == 0) done_.notify_one();
    }
  }

  void work(const std::function<void(int64_t)>& body) {
    for (int64_t i = next_++; i < count_; i = next_++) body(i);
  }

  std::mutex turn_, mutex_;
  std::condition_variable start_, done_;
  const std::function<void(int64_t)>* body_ = nullptr;
  std::atomic<int64_t> next_{0};
  int64_t count_ = 0;
  uint64_t job_ = 0;
  int working_ = 0;
};

}  // namespace treenet
