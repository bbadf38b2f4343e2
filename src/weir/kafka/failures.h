// Errors for a person, in the same words from both back ends.
#pragma once
#include <string>

#include "weir/base/result.h"
#include "weir/wire/errors.h"

namespace weir::kafka {

// "No such topic", with the command that creates it.
Error missing_topic(const std::string& topic, const std::string& brokers);
// Why no broker could be used, with the client's last complaint as its reason. Where the complaint
// tells of security (a refused password, an unknown certificate, TLS against a listener without it
// or the other way round), the setting to look at.
Error unreachable_brokers(const std::string& brokers, const std::string& why);
// The client's settings contradict each other or name what cannot be read, as librdkafka says.
Error refused_settings(const std::string& why);
// What a broker's refusal of `doing` means; `said` is its own message, if any.
Error refusal(int16_t code, const std::string& doing, const std::string& brokers,
              const std::string& said);

}  // namespace weir::kafka
