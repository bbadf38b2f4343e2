#include "weir/broker/outbox.h"

#include <sys/uio.h>

#include <array>

#include "weir/base/check.h"

namespace weir::broker {

uint64_t Outbox::open_slot(uint64_t bytes) {
  slots_.push_back({.request_bytes = bytes});
  request_bytes_ += bytes;
  return first_slot_ + slots_.size() - 1;
}

void Outbox::answer(uint64_t number, Reply reply) {
  WEIR_CHECK_LE(first_slot_, number);
  WEIR_CHECK_LT(number - first_slot_, slots_.size());
  Slot& slot = slots_[size_t(number - first_slot_)];
  WEIR_CHECK(!slot.answered);
  slot.answered = true;
  std::erase_if(reply.parts, [](const Part& part) { return size_of(part) == 0; });
  for (const auto& part : reply.parts)
    if (std::holds_alternative<std::string>(part)) slot.reply_bytes += size_of(part);
  slot.reply = std::move(reply);
  request_bytes_ -= slot.request_bytes;
  reply_bytes_ += slot.reply_bytes;
}

void Outbox::drop_finished() {
  while (!closing_ && !slots_.empty() && slots_.front().answered &&
         slots_.front().part == slots_.front().reply.parts.size()) {
    closing_ = slots_.front().reply.close_after;
    reply_bytes_ -= slots_.front().reply_bytes;
    slots_.pop_front();
    ++first_slot_;
  }
}

Result<size_t> Outbox::send_some(Sink& sink) {
  std::array<iovec, 64> pieces;
  size_t count = 0;
  bool more = false;
  for (Slot& slot : slots_) {
    if (!slot.answered) break;
    for (size_t i = slot.part; i < slot.reply.parts.size(); ++i) {
      Part& part = slot.reply.parts[i];
      const uint64_t skip = i == slot.part ? slot.part_sent : 0;
      if (auto* range = std::get_if<FileRange>(&part)) {
        if (count == 0) return sink.send_file({range->file, range->at + skip, range->size - skip});
        more = true;
        break;
      }
      auto& bytes = std::get<std::string>(part);
      if (count == pieces.size()) more = true;
      if (more) break;
      pieces[count++] = {bytes.data() + skip, bytes.size() - size_t(skip)};
    }
    if (more || slot.reply.close_after) break;
  }
  return sink.send(pieces.data(), count, more);
}

void Outbox::advance(size_t sent) {
  for (Slot& slot : slots_) {
    while (slot.part < slot.reply.parts.size()) {
      const uint64_t left = size_of(slot.reply.parts[slot.part]) - slot.part_sent;
      if (sent < left) {
        slot.part_sent += sent;
        return;
      }
      sent -= size_t(left);
      slot.part_sent = 0;
      ++slot.part;
    }
    if (sent == 0) return;
  }
}

Result<Outbox::Sent> Outbox::flush(Sink& sink) {
  while (true) {
    drop_finished();
    if (closing_) return Sent::kClose;
    if (slots_.empty() || !slots_.front().answered) return Sent::kAll;
    const size_t sent = WEIR_TRY(send_some(sink));
    if (sent == 0) return Sent::kBlocked;
    advance(sent);
  }
}

}  // namespace weir::broker
