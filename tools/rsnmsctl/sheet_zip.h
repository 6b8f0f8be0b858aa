// Parts of an XLSX: files of a ZIP archive, inflated piece by piece under limits, and their XML.
#ifndef RSNMS_TOOLS_RSNMSCTL_SHEET_ZIP_H_
#define RSNMS_TOOLS_RSNMSCTL_SHEET_ZIP_H_

#include <expat.h>
#include <zip.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace rsnms::sheet {

// A bomb inflates beyond any honest table: a part may grow to this much, and past a free allowance
// not to more than this many times what it takes in the archive.
inline constexpr int64_t kMaxInflated = int64_t{2} << 30;
inline constexpr int64_t kFreeInflated = int64_t{8} << 20;
inline constexpr int64_t kMaxInflationRatio = 200;

struct ZipCloser {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
using Zip = std::unique_ptr<zip_t, ZipCloser>;

// INVALID_ARGUMENT when it is not an archive, is cut or has absurdly many parts.
absl::StatusOr<Zip> OpenZip(const std::string& path);

class ZipPart {
 public:
  // NOT_FOUND when the archive has no such part.
  static absl::StatusOr<std::unique_ptr<ZipPart>> Open(zip_t* archive, const std::string& name,
                                                       int64_t max_bytes = kMaxInflated);
  ~ZipPart();
  // Bytes read into `buffer`; 0 at the end.
  absl::StatusOr<size_t> Read(char* buffer, size_t size);

 private:
  ZipPart(zip_file_t* file, std::string name, int64_t packed, int64_t limit)
      : file_(file), name_(std::move(name)), packed_(packed), limit_(limit) {}
  zip_file_t* file_;
  std::string name_;
  int64_t packed_, limit_, inflated_ = 0;
};

// What an XML part holds; names come without their namespace prefix.
class XmlVisitor {
 public:
  virtual ~XmlVisitor() = default;
  // Attributes: name, value, name, value…, null.
  virtual void Start(std::string_view name, const char** attributes) = 0;
  virtual void End(std::string_view name) = 0;
  virtual void Text(std::string_view text) = 0;
};

// The value of an attribute; empty when there is none.
std::string_view Attribute(const char** attributes, std::string_view name);

// Feeds a part to a visitor piece by piece. DTDs, and with them entities, are refused.
class XmlPump {
 public:
  XmlPump(std::unique_ptr<ZipPart> part, XmlVisitor* visitor);
  // Parses the next piece; false at the end of the part.
  absl::StatusOr<bool> Step();

 private:
  struct ParserCloser {
    void operator()(XML_ParserStruct* parser) const { XML_ParserFree(parser); }
  };
  std::unique_ptr<ZipPart> part_;
  XmlVisitor* visitor_;
  std::unique_ptr<XML_ParserStruct, ParserCloser> parser_;
  bool ended_ = false;
  bool has_dtd_ = false;
};

// The whole of a small part.
absl::Status ReadXml(zip_t* archive, const std::string& name, XmlVisitor* visitor,
                     int64_t max_bytes);

}  // namespace rsnms::sheet

#endif  // RSNMS_TOOLS_RSNMSCTL_SHEET_ZIP_H_
