#include "tools/rsnmsctl/sheet_text.h"

#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <cmath>
#include <cstdio>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"

namespace rsnms::sheet {
namespace {

constexpr size_t kChunk = 64 << 10;
constexpr size_t kSample = 256 << 10;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;
struct ConverterCloser {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, ConverterCloser>;

struct Encoding {
  const char* icu;
  const char* title;
};
constexpr Encoding kUtf8{"UTF-8", "UTF-8"}, kCp1251{"windows-1251", "cp1251"},
    kCp866{"IBM866", "cp866"}, kKoi8{"KOI8-R", "KOI8-R"}, kUtf16Le{"UTF-16LE", "UTF-16"},
    kUtf16Be{"UTF-16BE", "UTF-16"};

std::optional<Encoding> EncodingNamed(std::string_view name) {
  const std::string key = Fold(name);
  if (key == "utf8") return kUtf8;
  if (key == "cp1251" || key == "windows1251" || key == "1251") return kCp1251;
  if (key == "cp866" || key == "ibm866" || key == "866") return kCp866;
  if (key == "koi8r" || key == "koi8") return kKoi8;
  if (key == "utf16" || key == "utf16le") return kUtf16Le;
  if (key == "utf16be") return kUtf16Be;
  return std::nullopt;
}

// Whether bytes are UTF-8, fed piece by piece.
class Utf8Scan {
 public:
  void Feed(std::string_view bytes) {
    for (const char c : bytes) Step(static_cast<unsigned char>(c));
  }
  int64_t good = 0, bad = 0;  // sequences of several bytes, bytes that fit nowhere
  bool cut() const { return wanted_ > 0; }
  bool nul = false;

 private:
  void Step(unsigned char byte) {
    nul |= byte == 0;
    if (wanted_ > 0) {
      if (byte >= low_ && byte <= high_) {
        low_ = 0x80, high_ = 0xBF;
        if (--wanted_ == 0) ++good;
        return;
      }
      ++bad;
      wanted_ = 0;
    }
    low_ = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
    high_ = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
    if (byte < 0x80) return;
    if (byte >= 0xC2 && byte <= 0xDF) {
      wanted_ = 1;
    } else if (byte >= 0xE0 && byte <= 0xEF) {
      wanted_ = 2;
    } else if (byte >= 0xF0 && byte <= 0xF4) {
      wanted_ = 3;
    } else {
      ++bad;
    }
  }
  int wanted_ = 0;
  unsigned char low_ = 0x80, high_ = 0xBF;
};

bool IsCyrillic(char16_t c) { return c >= 0x0400 && c <= 0x04FF; }

// How much the bytes look like Russian when read as `encoding`: words in lower case after at most
// one capital count for it, strange characters and capitals inside words against.
int64_t Likeness(const std::string& bytes, const Encoding& encoding) {
  const icu::UnicodeString text(bytes.data(), static_cast<int32_t>(bytes.size()), encoding.icu);
  int64_t score = 0;
  char16_t before = u' ';
  for (int32_t i = 0; i < text.length(); before = text[i++]) {
    const char16_t c = text[i];
    if (c < 0x80) continue;
    if (!IsCyrillic(c)) {
      score -= std::u16string_view(u"«»№—–…“”„ °").find(c) == std::u16string_view::npos ? 3 : 0;
    } else if (!u_isupper(c)) {
      score += IsCyrillic(before) ? 2 : 1;
    } else if (IsCyrillic(before) && !u_isupper(before)) {
      score -= 3;
    }
    if (IsCyrillic(c) && (c < 0x0410 || c > 0x044F) && c != 0x0401 && c != 0x0451) score -= 3;
  }
  return score;
}

struct Detected {
  Encoding encoding;
  size_t skip = 0;  // bytes of the mark
};

absl::StatusOr<Detected> Judge(const Utf8Scan& scan, const std::string& sample) {
  if (scan.nul) {
    return absl::InvalidArgumentError(
        "файл двоичный: это не CSV. Сохраните таблицу как XLSX или «CSV UTF-8»");
  }
  if (scan.bad == 0 && !scan.cut()) return Detected{kUtf8};
  if (scan.good > 8 * scan.bad && scan.good > 1) {
    return absl::InvalidArgumentError(
        scan.bad == 0
            ? "файл обрывается посреди буквы: он скопирован не целиком. Получите его заново"
            : "в файле UTF-8 встречаются чужие байты: он повреждён или склеен из файлов в разных "
              "кодировках. Сохраните его заново как «CSV UTF-8»");
  }
  Encoding best = kCp1251;
  int64_t best_score = Likeness(sample, kCp1251);
  for (const Encoding& other : {kCp866, kKoi8}) {
    if (const int64_t score = Likeness(sample, other); score > best_score) {
      best = other;
      best_score = score;
    }
  }
  return Detected{best};
}

absl::StatusOr<Detected> Detect(std::FILE* file, const std::string& asked) {
  std::string sample, chunk(kChunk, '\0');
  Utf8Scan scan;
  while (const size_t size = std::fread(chunk.data(), 1, kChunk, file)) {
    const std::string_view piece(chunk.data(), size);
    if (sample.size() < kSample) sample.append(piece.substr(0, kSample - sample.size()));
    scan.Feed(piece);
  }
  std::rewind(file);
  if (sample.empty()) return absl::InvalidArgumentError("файл пуст");
  std::optional<Detected> marked;
  if (sample.starts_with("\xEF\xBB\xBF")) marked = Detected{kUtf8, 3};
  if (sample.starts_with("\xFF\xFE")) marked = Detected{kUtf16Le, 2};
  if (sample.starts_with("\xFE\xFF")) marked = Detected{kUtf16Be, 2};
  if (!asked.empty()) {
    const auto named = EncodingNamed(asked);
    if (!named) return absl::InvalidArgumentError("неизвестная кодировка: " + asked);
    if (!marked) return Detected{*named};
  }
  if (marked && marked->skip == 2) return *marked;
  if (marked) {
    // A marked file is UTF-8 by its own word: what does not fit is damage.
    if (scan.nul || scan.bad > 0 || scan.cut()) scan.good = 9 * scan.bad + 9;
    auto judged = Judge(scan, sample);
    if (!judged.ok()) return judged.status();
    return *marked;
  }
  return Judge(scan, sample);
}

class FileText : public TextSource {
 public:
  FileText(File file, Encoding encoding, Converter from, Converter to)
      : file_(std::move(file)),
        title_(encoding.title),
        from_(std::move(from)),
        to_(std::move(to)),
        bytes_(kChunk, '\0'),
        text_(4 * kChunk, '\0') {}

  absl::StatusOr<bool> Read(std::string* out) override {
    if (ended_) return false;
    const size_t size = std::fread(bytes_.data(), 1, kChunk, file_.get());
    if (std::ferror(file_.get()) != 0) return absl::DataLossError("файл не читается с диска");
    ended_ = size < kChunk;
    const char* source = bytes_.data();
    UErrorCode error;
    do {
      char* target = text_.data();
      error = U_ZERO_ERROR;
      ucnv_convertEx(to_.get(), from_.get(), &target, text_.data() + text_.size(), &source,
                     bytes_.data() + size, pivot_, &pivot_source_, &pivot_target_,
                     pivot_ + std::size(pivot_), false, ended_, &error);
      out->append(text_.data(), target - text_.data());
    } while (error == U_BUFFER_OVERFLOW_ERROR);
    if (U_FAILURE(error)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "файл не читается в кодировке ", title_,
          ": он повреждён или записан в другой. Сохраните его как «CSV UTF-8» или укажите "
          "--encoding"));
    }
    return true;
  }
  const std::string& encoding() const override { return title_; }

 private:
  File file_;
  std::string title_;
  Converter from_, to_;
  std::string bytes_, text_;
  UChar pivot_[1024];
  UChar* pivot_source_ = pivot_;
  UChar* pivot_target_ = pivot_;
  bool ended_ = false;
};

// Spaces that look like one.
bool IsOddSpace(UChar32 c) {
  return c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}
bool IsInvisible(UChar32 c) {
  return c == 0xAD || (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF;
}

void AppendCodePoint(std::string* out, UChar32 c) {
  char buffer[4];
  int32_t size = 0;
  U8_APPEND_UNSAFE(buffer, size, c);
  out->append(buffer, size);
}

// Calls `visit` for each code point; U+FFFD for what is none.
template <class Visit>
void ForEachCodePoint(std::string_view text, const Visit& visit) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  for (int32_t i = 0, size = static_cast<int32_t>(text.size()); i < size;) {
    UChar32 c;
    U8_NEXT_OR_FFFD(bytes, i, size, c);
    visit(c);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<TextSource>> OpenText(const std::string& path,
                                                     const std::string& encoding) {
  File file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return absl::NotFoundError("не открыть файл " + path);
  const auto detected = Detect(file.get(), encoding);
  if (!detected.ok()) return detected.status();
  if (std::fseek(file.get(), static_cast<long>(detected->skip), SEEK_SET) != 0)
    return absl::DataLossError("файл не читается с диска");
  UErrorCode error = U_ZERO_ERROR;
  Converter from(ucnv_open(detected->encoding.icu, &error));
  Converter to(ucnv_open("UTF-8", &error));
  if (U_FAILURE(error)) return absl::InternalError("ICU не знает кодировки");
  ucnv_setToUCallBack(from.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
  return std::make_unique<FileText>(std::move(file), detected->encoding, std::move(from),
                                    std::move(to));
}

std::string Clean(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  ForEachCodePoint(text, [&](UChar32 c) {
    if (IsInvisible(c)) return;
    AppendCodePoint(&out, IsOddSpace(c) ? ' ' : c);
  });
  const size_t first = out.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return "";
  return out.substr(first, out.find_last_not_of(" \t\r\n") - first + 1);
}

std::string Fold(std::string_view text) {
  std::string out;
  ForEachCodePoint(text, [&](UChar32 c) {
    c = u_tolower(c);
    if (c == 0x0451) c = 0x0435;
    if (u_isalnum(c)) AppendCodePoint(&out, c);
  });
  return out;
}

std::optional<std::string> DateOfSerial(double serial, bool since_1904) {
  if (!(serial >= (since_1904 ? 0 : 1)) || serial > 2958465.999999) return std::nullopt;
  double days = std::floor(serial);
  auto seconds = static_cast<int64_t>(std::llround((serial - days) * 86400));
  if (seconds == 86400) seconds = 0, days += 1;
  if (!since_1904 && days == 60) return std::nullopt;
  const absl::CivilDay zero = since_1904  ? absl::CivilDay(1904, 1, 1)
                              : days < 60 ? absl::CivilDay(1899, 12, 31)
                                          : absl::CivilDay(1899, 12, 30);
  const absl::CivilDay day = zero + static_cast<int64_t>(days);
  std::string text = absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
  if (seconds > 0) {
    absl::StrAppendFormat(&text, "T%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60,
                          seconds % 60);
  }
  return text;
}

}  // namespace rsnms::sheet
