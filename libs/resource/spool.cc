#include "libs/resource/spool.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace rsnms::resource {

Spool::Spool() : file_(std::tmpfile()), cipher_(EVP_CIPHER_CTX_new()) {
  failed_ = file_ == nullptr || RAND_bytes(key_, sizeof(key_)) != 1 ||
            RAND_bytes(nonce_, sizeof(nonce_)) != 1 || !Restart();
}

Spool::~Spool() {
  if (file_ != nullptr) std::fclose(file_);
  EVP_CIPHER_CTX_free(cipher_);
  OPENSSL_cleanse(key_, sizeof(key_));
}

// Counter mode: encryption and decryption are the same stream.
bool Spool::Restart() {
  return EVP_EncryptInit_ex(cipher_, EVP_aes_256_ctr(), nullptr, key_, nonce_) == 1;
}

bool Spool::Cipher(void* data, size_t size) {
  int n = 0;
  auto* bytes = static_cast<unsigned char*>(data);
  return EVP_EncryptUpdate(cipher_, bytes, &n, bytes, static_cast<int>(size)) == 1;
}

bool Spool::Write(void* data, size_t size) {
  return size == 0 || (Cipher(data, size) && std::fwrite(data, 1, size, file_) == size);
}

bool Spool::Read(void* data, size_t size) {
  return size == 0 || (std::fread(data, 1, size, file_) == size && Cipher(data, size));
}

bool Spool::Append(int64_t number, std::string_view row) {
  if (failed_) return false;
  int64_t head[2] = {number, static_cast<int64_t>(row.size())};
  std::string body(row);
  failed_ = !Write(head, sizeof(head)) || !Write(body.data(), body.size());
  return !failed_;
}

bool Spool::Rewind() {
  if (failed_) return false;
  failed_ = std::fflush(file_) != 0 || std::fseek(file_, 0, SEEK_SET) != 0 || !Restart();
  return !failed_;
}

bool Spool::Next(int64_t* number, std::string* row) {
  if (failed_) return false;
  int64_t head[2];
  const int first = std::fgetc(file_);
  if (first == EOF) return false;
  std::ungetc(first, file_);
  failed_ = !Read(head, sizeof(head));
  if (failed_) return false;
  *number = head[0];
  row->resize(head[1]);
  failed_ = !Read(row->data(), row->size());
  return !failed_;
}

}  // namespace rsnms::resource
