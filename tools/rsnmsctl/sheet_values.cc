#include "tools/rsnmsctl/sheet_values.h"

#include <google/protobuf/util/json_util.h>

#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "google/api/resource.pb.h"
#include "google/type/date.pb.h"
#include "google/type/decimal.pb.h"
#include "libs/resource/identifiers.h"
#include "libs/resource/text.h"
#include "libs/resource/text_values.h"
#include "rsnms/options/v1/options.pb.h"
#include "tools/rsnmsctl/session.h"
#include "tools/rsnmsctl/sheet_text.h"
#include "tools/rsnmsctl/sheet_titles.h"

namespace rsnms::ctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using options::v1::Format;
using resource::Flaw;
using sheet::Cell;
using Bad = sheet::Flaw;

const options::v1::Field& Options(const FieldDescriptor* field) {
  return field->options().GetExtension(options::v1::field);
}

bool IsMessage(const FieldDescriptor* field, const char* type) {
  return !field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field->message_type()->full_name() == type;
}

// `registry.rsnms/Person` → `persons`: the collections tables refer to.
std::string CollectionOf(const std::string& type) {
  if (type == "registry.rsnms/Person") return "persons";
  if (type == "registry.rsnms/Organisation") return "organisations";
  if (type == "registry.rsnms/Municipality") return "municipalities";
  return "";
}
std::string ReferredCollection(const FieldDescriptor* field) {
  if (field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) return "";
  return CollectionOf(field->options().GetExtension(google::api::resource_reference).type());
}

// Digits of identifiers whose check digits tell whether a zero Excel dropped from the front was
// there. Those without (КПП, ОКТМО) are never completed: a digit lost elsewhere looks the same.
std::vector<size_t> Lengths(Format format) {
  switch (format) {
    case options::v1::FORMAT_SNILS:
      return {11};
    case options::v1::FORMAT_INN:
      return {10, 12};
    default:
      return {};
  }
}

bool IsRounded(const std::string& text) {
  const size_t e = text.find_first_of("eEеЕ");
  return e != std::string::npos && e > 0 && e + 1 < text.size() && absl::ascii_isdigit(text[0]) &&
         text.find('+', e) != std::string::npos;
}

std::string PhoneFrom(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (absl::ascii_isdigit(c)) digits.push_back(c);
  }
  if (text.starts_with("+")) return text;
  if (digits.size() == 11 && (digits[0] == '8' || digits[0] == '7')) return "+7" + digits.substr(1);
  if (digits.size() == 10 && digits[0] == '9') return "+7" + digits;
  return text;
}

Bad SetIdentifier(Format format, std::string text, std::string* value) {
  const auto description = resource::DescribeFormat(format);
  if (IsRounded(text)) {
    return {"Excel округлил номер, часть цифр потеряна",
            "задайте столбцу текстовый формат и введите номер заново"};
  }
  if (format == options::v1::FORMAT_PHONE) text = PhoneFrom(text);
  if (format != options::v1::FORMAT_EMAIL && format != options::v1::FORMAT_URL)
    text = absl::StrReplaceAll(text, {{" ", ""}});
  *value = text;
  Flaw flaw = resource::NormaliseIdentifier(format, value);
  if (flaw == Flaw::kShape && text.find_first_not_of("0123456789") == std::string::npos) {
    for (const size_t length : Lengths(format)) {
      if (text.size() >= length || text.size() + 2 < length) continue;
      std::string padded = std::string(length - text.size(), '0') + text;
      if (resource::NormaliseIdentifier(format, &padded) != Flaw::kNone) continue;
      *value = padded;
      return {};
    }
  }
  if (flaw == Flaw::kNone) return {};
  if (flaw == Flaw::kCheckDigits)
    return {"контрольное число не сходится", "сверьте номер с документом: в нём опечатка"};
  std::string mend = absl::StrCat("нужно: ", std::string(description.russian));
  if (format == options::v1::FORMAT_KPP || format == options::v1::FORMAT_OKTMO) {
    absl::StrAppend(&mend, "; если Excel отбросил нули в начале, задайте столбцу текстовый формат");
  }
  return {"значение не того вида", std::move(mend)};
}

std::optional<google::type::Date> DateFrom(const std::string& text) {
  std::vector<std::string> parts;
  google::type::Date date;
  const char separator = text.find('.') != std::string::npos   ? '.'
                         : text.find('/') != std::string::npos ? '/'
                                                               : '-';
  parts = absl::StrSplit(text, separator);
  if (parts.size() != 3) return std::nullopt;
  if (separator == '-') std::swap(parts[0], parts[2]);
  int day = 0, month = 0, year = 0;
  if (parts[2].size() != 4 || !absl::SimpleAtoi(parts[0], &day) ||
      !absl::SimpleAtoi(parts[1], &month) || !absl::SimpleAtoi(parts[2], &year))
    return std::nullopt;
  date.set_day(day);
  date.set_month(month);
  date.set_year(year);
  if (!resource::IsDate(date)) return std::nullopt;
  return date;
}

// Days Excel counts from 1900 to the end of 2099. A longer number is something else.
constexpr double kFirstSerial = 10000, kLastSerial = 73050;

// 03/04/1984 is the 3rd of April here and the 4th of March in American files; 13/04 is one of them.
bool IsAmbiguous(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  int first = 0, second = 0;
  return parts.size() == 3 && absl::SimpleAtoi(parts[0], &first) &&
         absl::SimpleAtoi(parts[1], &second) && first <= 12 && second <= 12 && first != second;
}

Bad SetDate(std::string text, Message* out) {
  // The end of the day before is no better than a wrong day: a time of day is refused, midnight is
  // what Excel puts where nobody meant a time.
  const size_t time = text.find_first_of("T ");
  if (time != std::string::npos && text.size() > 10) {
    if (text.find_first_not_of("0:.", time + 1) != std::string::npos)
      return {"кроме даты есть время", "оставьте только дату, 01.09.2024"};
    text.resize(time);
  }
  double serial = 0;
  if (text.find_first_not_of("0123456789") == std::string::npos && text.size() <= 7 &&
      absl::SimpleAtod(text, &serial)) {
    const auto day = sheet::DateOfSerial(serial, false);
    // 2024 alone is a year, not the 15th of July 1905.
    if (!day || serial < kFirstSerial || serial > kLastSerial)
      return {"это не дата", "введите дату вида 01.09.2024"};
    text = *day;
  }
  if (IsAmbiguous(text))
    return {"день и месяц не различить", "введите дату вида 01.09.2024, день первым, через точки"};
  const auto date = DateFrom(text);
  if (!date) return {"это не дата", "введите дату вида 01.09.2024; год — четырьмя цифрами"};
  out->CopyFrom(*date);
  return {};
}

Bad SetDecimal(const std::string& text, Message* out) {
  const auto canonical =
      resource::CanonicalDecimal(absl::StrReplaceAll(text, {{",", "."}, {" ", ""}}));
  if (!canonical) return {"это не число", "введите число вида 0,5"};
  google::type::Decimal decimal;
  decimal.set_value(*canonical);
  out->CopyFrom(decimal);
  return {};
}

Bad SetBool(const std::string& text, bool* out) {
  const std::string key = sheet::Fold(text);
  for (const char* yes : {"да", "1", "true", "истина", "yes", "д", "основное", "основная"}) {
    if (key == yes) return *out = true, Bad();
  }
  for (const char* no : {"нет", "0", "false", "ложь", "no", "н", "совместительство", "не"}) {
    if (key == no) return *out = false, Bad();
  }
  if (text == "+" || text == "-") return *out = text == "+", Bad();
  return {"нужно «да» или «нет»", "впишите да или нет"};
}

Bad SetText(Message* resource, const FieldDescriptor* field, const std::string& text,
            const std::string& region) {
  const auto* reflection = resource->GetReflection();
  std::string value = text;
  const std::string collection = ReferredCollection(field);
  if (!collection.empty()) {
    if (collection == "municipalities" && text.find('/') == std::string::npos) {
      if (auto bad = SetIdentifier(options::v1::FORMAT_OKTMO, text, &value); bad.found())
        return bad;
    }
    value = NameFrom(collection, value, region);
    if (value.empty())
      return {"это не код записи", "скопируйте код из выгрузки или оставьте ячейку пустой"};
  } else if (Options(field).format() != options::v1::FORMAT_UNSPECIFIED) {
    if (auto bad = SetIdentifier(Options(field).format(), text, &value); bad.found()) return bad;
  }
  reflection->SetString(resource, field, value);
  return {};
}

// One element a line; codes, which hold neither, may be separated by commas and semicolons too.
Bad SetTexts(Message* resource, const FieldDescriptor* field, const std::string& text) {
  const std::string separators = Options(field).pattern().empty() ? "\n" : "\n,;";
  resource->GetReflection()->ClearField(resource, field);
  for (const auto part :
       absl::StrSplit(text, absl::ByAnyChar(separators), absl::SkipWhitespace())) {
    resource->GetReflection()->AddString(resource, field,
                                         std::string(absl::StripAsciiWhitespace(part)));
  }
  return {};
}

// Whatever tables have no form of their own for is protobuf JSON of a message with that field.
Bad SetJson(Message* resource, const FieldDescriptor* field, const std::string& text) {
  const auto part = NewMessage(resource->GetDescriptor());
  const auto parsed = google::protobuf::util::JsonStringToMessage(
      absl::StrCat("{\"", field->name(), "\":", text, "}"), part.get());
  if (!parsed.ok()) return {"не разобрать JSON", "возьмите за образец выгрузку"};
  resource->GetReflection()->ClearField(resource, field);
  resource->MergeFrom(*part);
  return {};
}
std::string JsonOf(const Message& resource, const FieldDescriptor* field) {
  const auto part = NewMessage(resource.GetDescriptor());
  part->CopyFrom(resource);
  std::vector<const FieldDescriptor*> fields;
  resource.GetReflection()->ListFields(resource, &fields);
  for (const auto* other : fields) {
    if (other != field) part->GetReflection()->ClearField(part.get(), other);
  }
  const std::string json = ToJson(*part);
  const size_t colon = json.find(':');
  return colon == std::string::npos ? "" : json.substr(colon + 1, json.size() - colon - 2);
}

Bad SetWhole(Message* resource, const FieldDescriptor* field, const std::string& text) {
  int64_t number = 0;
  if (!resource::ParseInteger(absl::StrReplaceAll(text, {{" ", ""}}), &number))
    return {"это не целое число", "введите число цифрами"};
  const auto* reflection = resource->GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
    reflection->SetInt64(resource, field, number);
  } else if (number == static_cast<int32_t>(number)) {
    reflection->SetInt32(resource, field, static_cast<int32_t>(number));
  } else {
    return {"число слишком велико", "проверьте его"};
  }
  return {};
}

}  // namespace

sheet::Flaw SetField(Message* resource, const FieldDescriptor* field, const Cell& cell,
                     const std::string& region) {
  if (cell.flaw.found()) return cell.flaw;
  const auto* reflection = resource->GetReflection();
  const std::string text = sheet::Clean(cell.text);
  if (text.empty()) return reflection->ClearField(resource, field), Bad();
  if (IsMessage(field, "google.type.Date"))
    return SetDate(text, reflection->MutableMessage(resource, field));
  if (IsMessage(field, "google.type.Decimal"))
    return SetDecimal(text, reflection->MutableMessage(resource, field));
  if (field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING)
    return SetTexts(resource, field, text);
  if (field->is_repeated()) return SetJson(resource, field, text);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return SetText(resource, field, text, region);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = EnumNamed(field->enum_type(), text);
      if (value == nullptr)
        return {"такого значения нет", "выберите из: " + EnumTitles(field->enum_type())};
      reflection->SetEnum(resource, field, value);
      return {};
    }
    case FieldDescriptor::CPPTYPE_BOOL: {
      bool value = false;
      auto bad = SetBool(text, &value);
      if (!bad.found()) reflection->SetBool(resource, field, value);
      return bad;
    }
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return SetWhole(resource, field, text);
    default:
      return SetJson(resource, field, text);
  }
}

Cell FieldCell(const Message& resource, const FieldDescriptor* field, const std::string& region) {
  const auto* reflection = resource.GetReflection();
  if (field->is_repeated() ? reflection->FieldSize(resource, field) == 0
                           : !reflection->HasField(resource, field) &&
                                 field->cpp_type() != FieldDescriptor::CPPTYPE_BOOL)
    return {};
  if (IsMessage(field, "google.type.Date")) {
    google::type::Date date;
    date.CopyFrom(reflection->GetMessage(resource, field));
    return {resource::DateText(date), Cell::Kind::kDate, {}};
  }
  if (IsMessage(field, "google.type.Decimal")) {
    google::type::Decimal decimal;
    decimal.CopyFrom(reflection->GetMessage(resource, field));
    return {decimal.value(), Cell::Kind::kNumber, {}};
  }
  if (field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    std::vector<std::string> parts;
    for (int i = 0; i < reflection->FieldSize(resource, field); ++i)
      parts.push_back(reflection->GetRepeatedString(resource, field, i));
    return {absl::StrJoin(parts, Options(field).pattern().empty() ? "\n" : ", "), {}, {}};
  }
  if (field->is_repeated()) return {JsonOf(resource, field), {}, {}};
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string value = reflection->GetString(resource, field);
      return {ReferredCollection(field).empty() ? value : ShortName(value, region), {}, {}};
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return {EnumTitle(reflection->GetEnum(resource, field)), {}, {}};
    case FieldDescriptor::CPPTYPE_BOOL:
      return {reflection->GetBool(resource, field) ? "да" : "нет", {}, {}};
    case FieldDescriptor::CPPTYPE_INT32:
      return {absl::StrCat(reflection->GetInt32(resource, field)), Cell::Kind::kNumber, {}};
    case FieldDescriptor::CPPTYPE_INT64:
      return {absl::StrCat(reflection->GetInt64(resource, field)), {}, {}};
    default:
      return {JsonOf(resource, field), {}, {}};
  }
}

std::string NameFrom(std::string_view collection, std::string_view text,
                     const std::string& region) {
  const std::string prefix = resource::Cat("regions/", region, "/", collection, "/");
  if (text.starts_with("regions/")) {
    const std::vector<std::string> parts = absl::StrSplit(std::string(text), '/');
    return parts.size() == 4 && parts[2] == collection ? std::string(text) : "";
  }
  const bool id = text.find_first_not_of("0123456789abcdefABCDEF-") == std::string_view::npos;
  const bool uuid = text.size() == 36 && id;
  if (collection == "municipalities" ? !id : !uuid) return "";
  return prefix + absl::AsciiStrToLower(std::string(text));
}

std::string ShortName(std::string_view name, const std::string& region) {
  if (!name.starts_with(resource::Cat("regions/", region, "/"))) return std::string(name);
  return std::string(name.substr(name.rfind('/') + 1));
}

}  // namespace rsnms::ctl
