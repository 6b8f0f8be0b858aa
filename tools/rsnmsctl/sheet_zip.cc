#include "tools/rsnmsctl/sheet_zip.h"

#include "absl/strings/str_cat.h"

namespace rsnms::sheet {
namespace {

constexpr zip_int64_t kMaxParts = 10'000;
constexpr size_t kChunk = 64 << 10;

absl::Status Damaged(const std::string& detail) {
  return absl::InvalidArgumentError(
      absl::StrCat("файл XLSX повреждён или скопирован не целиком (", detail,
                   "): откройте его в Excel и сохраните заново или получите ещё раз"));
}

std::string_view Local(const char* name) {
  const std::string_view whole(name);
  const size_t colon = whole.find(':');
  return colon == std::string_view::npos ? whole : whole.substr(colon + 1);
}

}  // namespace

absl::StatusOr<Zip> OpenZip(const std::string& path) {
  int code = 0;
  Zip archive(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (archive == nullptr) {
    if (code == ZIP_ER_NOENT || code == ZIP_ER_OPEN)
      return absl::NotFoundError("не открыть файл " + path);
    return Damaged("архив не читается");
  }
  if (zip_get_num_entries(archive.get(), 0) > kMaxParts)
    return absl::InvalidArgumentError("в архиве слишком много файлов: это не таблица");
  return archive;
}

absl::StatusOr<std::unique_ptr<ZipPart>> ZipPart::Open(zip_t* archive, const std::string& name,
                                                       int64_t max_bytes) {
  zip_stat_t stat;
  if (zip_stat(archive, name.c_str(), ZIP_FL_NOCASE, &stat) != 0)
    return absl::NotFoundError("нет части " + name);
  if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE) {
    return absl::InvalidArgumentError("файл защищён паролем: снимите защиту и сохраните заново");
  }
  zip_file_t* file = zip_fopen_index(archive, stat.index, 0);
  if (file == nullptr) return Damaged(name);
  return std::unique_ptr<ZipPart>(
      new ZipPart(file, name, static_cast<int64_t>(stat.comp_size), max_bytes));
}

ZipPart::~ZipPart() { zip_fclose(file_); }

absl::StatusOr<size_t> ZipPart::Read(char* buffer, size_t size) {
  const zip_int64_t read = zip_fread(file_, buffer, size);
  if (read < 0) return Damaged(name_);
  inflated_ += read;
  const bool swollen = inflated_ > kFreeInflated && inflated_ / kMaxInflationRatio > packed_;
  if (inflated_ > limit_ || swollen) {
    return absl::InvalidArgumentError(absl::StrCat(
        "файл распаковывается в несоразмерно большой объём (", name_,
        "): так устроены вредоносные архивы. Если таблица настоящая, разделите её на части или "
        "сохраните как CSV"));
  }
  return static_cast<size_t>(read);
}

std::string_view Attribute(const char** attributes, std::string_view name) {
  for (; *attributes != nullptr; attributes += 2) {
    if (Local(attributes[0]) == name) return attributes[1];
  }
  return "";
}

XmlPump::XmlPump(std::unique_ptr<ZipPart> part, XmlVisitor* visitor)
    : part_(std::move(part)), visitor_(visitor), parser_(XML_ParserCreate(nullptr)) {
  XML_SetUserData(parser_.get(), this);
  XML_SetElementHandler(
      parser_.get(),
      [](void* self, const XML_Char* name, const XML_Char** attributes) {
        static_cast<XmlPump*>(self)->visitor_->Start(Local(name), attributes);
      },
      [](void* self, const XML_Char* name) {
        static_cast<XmlPump*>(self)->visitor_->End(Local(name));
      });
  XML_SetCharacterDataHandler(parser_.get(), [](void* self, const XML_Char* text, int size) {
    static_cast<XmlPump*>(self)->visitor_->Text({text, static_cast<size_t>(size)});
  });
  XML_SetStartDoctypeDeclHandler(
      parser_.get(), [](void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
        auto* pump = static_cast<XmlPump*>(self);
        pump->has_dtd_ = true;
        XML_StopParser(pump->parser_.get(), XML_FALSE);
      });
}

absl::StatusOr<bool> XmlPump::Step() {
  if (ended_) return false;
  void* buffer = XML_GetBuffer(parser_.get(), kChunk);
  if (buffer == nullptr) return absl::ResourceExhaustedError("не хватает памяти");
  const auto size = part_->Read(static_cast<char*>(buffer), kChunk);
  if (!size.ok()) return size.status();
  ended_ = *size == 0;
  if (XML_ParseBuffer(parser_.get(), static_cast<int>(*size), ended_) == XML_STATUS_ERROR) {
    if (has_dtd_) return Damaged("в таблице не бывает DTD");
    return Damaged(absl::StrCat("разметка, строка ", XML_GetCurrentLineNumber(parser_.get())));
  }
  return true;
}

absl::Status ReadXml(zip_t* archive, const std::string& name, XmlVisitor* visitor,
                     int64_t max_bytes) {
  auto part = ZipPart::Open(archive, name, max_bytes);
  if (!part.ok()) return part.status();
  XmlPump pump(*std::move(part), visitor);
  while (true) {
    const auto more = pump.Step();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
  }
}

}  // namespace rsnms::sheet
