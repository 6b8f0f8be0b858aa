#include "libs/rpc/status.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "google/rpc/error_details.pb.h"
#include "rsnms/options/v1/options.pb.h"

namespace rsnms::rpc {
namespace {

using google::protobuf::EnumValueDescriptor;
using options::v1::CommonReason;

constexpr char kPayload[] = "type.googleapis.com/google.rpc.Status";
constexpr char kDomain[] = "rsnms";
constexpr char kLocale[] = "ru-RU";
// Clients refuse trailers over 8 KiB by default; base64 and the message take their part.
constexpr size_t kMaxMessageBytes = 512;
constexpr size_t kMaxDetailBytes = 4096;
constexpr size_t kMaxRussianFields = 5;
constexpr size_t kMaxValueBytes = 256;  // of what a caller may have sent: names, paths, metadata

// `CommonReason` -> `COMMON_REASON_`.
std::string PrefixOf(const google::protobuf::EnumDescriptor& type) {
  std::string prefix;
  for (char c : type.name()) {
    if (absl::ascii_isupper(c) && !prefix.empty()) prefix += '_';
    prefix += absl::ascii_toupper(c);
  }
  return prefix + '_';
}

template <class Detail>
google::protobuf::Any* Find(google::rpc::Status* status) {
  for (auto& any : *status->mutable_details()) {
    if (any.Is<Detail>()) return &any;
  }
  return nullptr;
}

// Changes the one detail of its type, adding it when it is not there yet.
template <class Detail, class Change>
void Amend(google::rpc::Status* status, const Change& change) {
  Detail detail;
  google::protobuf::Any* any = Find<Detail>(status);
  if (any == nullptr) {
    any = status->add_details();
  } else {
    any->UnpackTo(&detail);
  }
  change(detail);
  any->PackFrom(detail);
}

const EnumValueDescriptor& ValueOf(CommonReason reason) {
  return *google::protobuf::GetEnumDescriptor<CommonReason>()->FindValueByNumber(reason);
}

// What a status that names no reason may say to a caller: its code, when the code alone speaks of
// the call and not of the program; INTERNAL otherwise.
google::rpc::Status Bare(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kCancelled:
      return ToProto(Error(code, options::v1::COMMON_REASON_CANCELLED, "call cancelled"));
    case absl::StatusCode::kDeadlineExceeded:
      return ToProto(
          Error(code, options::v1::COMMON_REASON_DEADLINE_EXCEEDED, "deadline exceeded"));
    case absl::StatusCode::kUnauthenticated:
      return ToProto(Error(code, options::v1::COMMON_REASON_UNAUTHENTICATED, "unauthenticated"));
    case absl::StatusCode::kPermissionDenied:
      return ToProto(
          Error(code, options::v1::COMMON_REASON_PERMISSION_DENIED, "permission denied"));
    case absl::StatusCode::kUnimplemented:
      return ToProto(Error(code, options::v1::COMMON_REASON_UNIMPLEMENTED, "unimplemented"));
    default:
      return ToProto(Error(absl::StatusCode::kInternal, options::v1::COMMON_REASON_INTERNAL,
                           "internal error"));
  }
}

// Cuts at a code point's boundary.
std::string_view Truncate(std::string_view text, size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return text.substr(0, limit);
}

}  // namespace

Error::Error(absl::StatusCode code, const EnumValueDescriptor& reason, std::string_view message) {
  status_.set_code(static_cast<int>(code));
  status_.set_message(std::string(Truncate(message, kMaxMessageBytes)));
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(absl::StripPrefix(reason.name(), PrefixOf(*reason.type()))));
  info.set_domain(kDomain);
  status_.add_details()->PackFrom(info);
  russian_ = reason.options().GetExtension(options::v1::reason).text_ru();
}

Error& Error::Field(std::string_view path, std::string_view description,
                    std::string_view description_ru) {
  // What does not fit the wire is not gathered either.
  const auto* gathered = Find<google::rpc::BadRequest>(&status_);
  if (gathered != nullptr && gathered->value().size() > kMaxDetailBytes) return *this;
  Amend<google::rpc::BadRequest>(&status_, [&](google::rpc::BadRequest& bad) {
    auto* violation = bad.add_field_violations();
    violation->set_field(std::string(Truncate(path, kMaxValueBytes)));
    violation->set_description(std::string(description));
  });
  const bool said = std::find(russian_fields_.begin(), russian_fields_.end(), description_ru) !=
                    russian_fields_.end();
  if (!description_ru.empty() && !said && russian_fields_.size() < kMaxRussianFields) {
    russian_fields_.emplace_back(description_ru);
  }
  return *this;
}

Error& Error::With(std::string_view key, std::string_view value) {
  Amend<google::rpc::ErrorInfo>(&status_, [&](google::rpc::ErrorInfo& info) {
    (*info.mutable_metadata())[std::string(key)] = std::string(Truncate(value, kMaxValueBytes));
  });
  return *this;
}

Error& Error::RetryAfter(absl::Duration delay) {
  Amend<google::rpc::RetryInfo>(&status_, [&](google::rpc::RetryInfo& retry) {
    const int64_t millis = std::max<int64_t>(0, absl::ToInt64Milliseconds(delay));
    retry.mutable_retry_delay()->set_seconds(millis / 1000);
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(millis % 1000 * 1'000'000));
  });
  return *this;
}

Error& Error::Resource(std::string_view type, std::string_view name) {
  Amend<google::rpc::ResourceInfo>(&status_, [&](google::rpc::ResourceInfo& resource) {
    resource.set_resource_type(std::string(type));
    resource.set_resource_name(std::string(Truncate(name, kMaxValueBytes)));
  });
  return *this;
}

Error& Error::Russian(std::string_view text) {
  russian_ = text;
  return *this;
}

absl::Status Error::ToStatus() const {
  google::rpc::Status proto = status_;
  std::string text = russian_;
  // A field that only repeats what the whole says adds nothing.
  std::vector<std::string> more;
  for (const std::string& field : russian_fields_) {
    if (text.find(field) == std::string::npos) more.push_back(field);
  }
  if (!more.empty()) {
    absl::StrAppend(&text, text.empty() ? "" : " ", absl::StrJoin(more, "; "));
  }
  if (!text.empty()) {
    google::rpc::LocalizedMessage localized;
    localized.set_locale(kLocale);
    localized.set_message(text);
    proto.add_details()->PackFrom(localized);
  }
  return FromProto(proto);
}

absl::Status InvalidField(std::string_view path, CommonReason reason, std::string_view description,
                          std::string_view description_ru) {
  return Error(absl::StatusCode::kInvalidArgument, ValueOf(reason),
               std::string(path) + ": " + std::string(description))
      .Field(path, description, description_ru);
}

absl::Status NotFound(std::string_view resource_type, std::string_view name) {
  return Error(absl::StatusCode::kNotFound, options::v1::COMMON_REASON_NOT_FOUND,
               std::string(name) + " was not found")
      .Resource(resource_type, name);
}

absl::Status UnderField(const absl::Status& status, std::string_view path) {
  const auto payload = status.GetPayload(kPayload);
  google::rpc::Status proto;
  if (path.empty() || !payload.has_value() || !proto.ParseFromString(std::string(*payload)) ||
      Find<google::rpc::BadRequest>(&proto) == nullptr) {
    return status;
  }
  const std::string prefix = std::string(path) + ".";
  Amend<google::rpc::BadRequest>(&proto, [&](google::rpc::BadRequest& bad) {
    // InvalidField's message begins with the path too.
    if (bad.field_violations_size() > 0 &&
        proto.message().rfind(bad.field_violations(0).field() + ": ", 0) == 0) {
      proto.set_message(prefix + proto.message());
    }
    for (auto& violation : *bad.mutable_field_violations()) {
      violation.set_field(prefix + violation.field());
    }
  });
  return FromProto(proto);
}

google::rpc::Status ToProto(const absl::Status& status) {
  google::rpc::Status proto;
  if (status.ok()) return proto;
  const auto payload = status.GetPayload(kPayload);
  if (!payload.has_value() || !proto.ParseFromString(std::string(*payload))) {
    return Bare(status.code());
  }
  while (proto.ByteSizeLong() > kMaxDetailBytes && Find<google::rpc::BadRequest>(&proto)) {
    bool emptied = false;
    Amend<google::rpc::BadRequest>(&proto, [&](google::rpc::BadRequest& bad) {
      if (bad.field_violations_size() > 1) {
        bad.mutable_field_violations()->RemoveLast();
      } else {
        emptied = true;
      }
    });
    if (emptied) break;
  }
  return proto;
}

absl::Status FromProto(const google::rpc::Status& proto) {
  if (proto.code() == 0) return absl::OkStatus();
  absl::Status status(static_cast<absl::StatusCode>(proto.code()), proto.message());
  if (status.code() == absl::StatusCode::kOk || status.ok()) {
    status = absl::UnknownError(proto.message());
  }
  if (proto.details_size() > 0) {
    status.SetPayload(kPayload, absl::Cord(proto.SerializeAsString()));
  }
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayload);
  google::rpc::Status proto;
  if (!payload.has_value() || !proto.ParseFromString(std::string(*payload))) return "";
  const auto* any = Find<google::rpc::ErrorInfo>(&proto);
  google::rpc::ErrorInfo info;
  if (any == nullptr || !any->UnpackTo(&info)) return "";
  return info.reason();
}

}  // namespace rsnms::rpc
