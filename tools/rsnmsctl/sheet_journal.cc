#include "tools/rsnmsctl/sheet_journal.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace rsnms::ctl {
namespace {

constexpr char kMagic[] = "rsnmsctl import 1";

std::string Hex(const unsigned char* bytes, unsigned int size) {
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(bytes), size));
}

std::string Fingerprint(const std::string& text) {
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), hash, &size, EVP_sha256(), nullptr);
  return Hex(hash, size);
}

absl::StatusOr<std::string> FingerprintOfFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("файл не читается: " + path);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestInit_ex(context, EVP_sha256(), nullptr);
  std::vector<char> block(1 << 16);
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0)
    EVP_DigestUpdate(context, block.data(), static_cast<size_t>(file.gcount()));
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(context, hash, &size);
  EVP_MD_CTX_free(context);
  return Hex(hash, size);
}

// On the disk when it answers OK.
absl::Status WriteThrough(const std::string& path, int flags, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
  const bool written = file >= 0 &&
                       write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fsync(file) == 0;
  if (file >= 0) close(file);
  return written ? absl::OkStatus() : absl::DataLossError("не записать ход загрузки: " + path);
}

// The last mark of a journal that begins with `head`; none when it is another's.
Mark ReadMark(const std::string& text, const std::string& head) {
  Mark mark;
  if (text.compare(0, head.size(), head) != 0) return mark;
  const std::vector<std::string> lines = absl::StrSplit(text.substr(head.size()), '\n');
  for (size_t i = 0; i + 1 < lines.size(); ++i) {  // what follows the last end of line was cut
    Mark read;
    std::istringstream line(lines[i]);
    if (line >> read.row >> read.loaded.created >> read.loaded.updated >> read.loaded.unchanged >>
        read.loaded.rejected)
      mark = read;
  }
  return mark;
}

}  // namespace

absl::StatusOr<SheetJournal> SheetJournal::Open(const std::string& path, const std::string& file,
                                                const std::string& how) {
  auto content = FingerprintOfFile(file);
  if (!content.ok()) return content.status();
  const std::string head = absl::StrCat(kMagic, "\n", *content, " ", Fingerprint(how), "\n");
  std::ostringstream stored;
  stored << std::ifstream(path, std::ios::binary).rdbuf();
  SheetJournal journal;
  journal.path_ = path;
  journal.mark_ = ReadMark(stored.str(), head);
  if (journal.continues()) return journal;
  if (auto s = WriteThrough(path, O_TRUNC, head); !s.ok()) return s;
  return journal;
}

absl::Status SheetJournal::Take(const Mark& mark) {
  mark_ = mark;
  const Loaded& loaded = mark.loaded;
  return WriteThrough(path_, O_APPEND,
                      absl::StrCat("\n", mark.row, " ", loaded.created, " ", loaded.updated, " ",
                                   loaded.unchanged, " ", loaded.rejected, "\n"));
}

absl::Status SheetJournal::Close() {
  return unlink(path_.c_str()) == 0 ? absl::OkStatus()
                                    : absl::DataLossError("не удалить ход загрузки: " + path_);
}

}  // namespace rsnms::ctl
