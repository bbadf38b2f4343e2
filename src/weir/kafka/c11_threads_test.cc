// Lets ThreadSanitizer see librdkafka's threads: it starts them with C11's thrd_create, which GCC
// 12's sanitizer does not know, and the first call that it intercepts in such a thread crashes. In
// that build, and only there, these stand before glibc's and go through POSIX threads.
#if defined(__SANITIZE_THREAD__)
#include <pthread.h>
#include <threads.h>

#include <cstdint>
#include <memory>

namespace {

struct Start {
  thrd_start_t run;
  void* argument;
};

void* enter(void* raw) {
  const std::unique_ptr<Start> start(static_cast<Start*>(raw));
  return reinterpret_cast<void*>(intptr_t(start->run(start->argument)));
}

}  // namespace

extern "C" int thrd_create(thrd_t* thread, thrd_start_t run, void* argument) {
  auto start = std::make_unique<Start>(Start{run, argument});
  if (pthread_create(thread, nullptr, enter, start.get()) != 0) return thrd_error;
  start.release();
  return thrd_success;
}

extern "C" int thrd_join(thrd_t thread, int* result) {
  void* value = nullptr;
  if (pthread_join(thread, &value) != 0) return thrd_error;
  if (result != nullptr) *result = int(reinterpret_cast<intptr_t>(value));
  return thrd_success;
}
#endif
