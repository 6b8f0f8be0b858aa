#include "libs/rpc/bad_text.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace rsnms::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::IsStructurallyValidUTF8;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr int kMaxDepth = 32;

// False when the walk is over: bad text was found (`path` is not empty then) or the bytes are
// damaged.
bool Walk(const Descriptor& type, CodedInputStream* in, int depth, std::string* path) {
  std::map<int, int> seen;  // elements of repeated fields
  while (const uint32_t tag = in->ReadTag()) {
    const auto* field = type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
    const bool text = field != nullptr && field->type() == FieldDescriptor::TYPE_STRING;
    const bool nested = field != nullptr && field->type() == FieldDescriptor::TYPE_MESSAGE;
    if ((!text && !nested) ||
        WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      if (!WireFormatLite::SkipField(in, tag)) return false;
      continue;
    }
    const std::string name = field->is_repeated()
                                 ? absl::StrCat(field->name(), "[", seen[field->number()]++, "]")
                                 : field->name();
    uint32_t size = 0;
    if (!in->ReadVarint32(&size)) return false;
    if (text) {
      std::string value;
      if (!in->ReadString(&value, static_cast<int>(size))) return false;
      if (IsStructurallyValidUTF8(value.data(), static_cast<int>(value.size()))) continue;
      *path = name;
      return false;
    }
    if (depth >= kMaxDepth) return false;
    const auto limit = in->PushLimit(static_cast<int>(size));
    if (!Walk(*field->message_type(), in, depth + 1, path)) {
      if (!path->empty()) *path = absl::StrCat(name, ".", *path);
      return false;
    }
    in->PopLimit(limit);
  }
  return in->ConsumedEntireMessage();
}

}  // namespace

std::string FindBadText(const Descriptor& type, google::protobuf::io::ZeroCopyInputStream* bytes) {
  CodedInputStream in(bytes);
  std::string path;
  Walk(type, &in, 0, &path);
  return path;
}

}  // namespace rsnms::rpc
