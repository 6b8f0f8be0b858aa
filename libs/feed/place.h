// A place in a change feed.
#ifndef RSNMS_LIBS_FEED_PLACE_H_
#define RSNMS_LIBS_FEED_PLACE_H_

#include <cstdint>
#include <string>

namespace rsnms::feed {

struct Place {
  std::string epoch;
  int64_t position = 0;
  std::string hash;  // chain value at the position; empty at 0

  bool operator==(const Place&) const = default;
};

}  // namespace rsnms::feed

#endif  // RSNMS_LIBS_FEED_PLACE_H_
