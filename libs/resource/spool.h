// Rows of an import between the network and the transaction: an unlinked temporary file, encrypted
// under a key that lives only in this process, since rows may hold personal data. Memory stays
// bounded, and the transaction may read the rows again after a serialization failure.
#ifndef RSNMS_LIBS_RESOURCE_SPOOL_H_
#define RSNMS_LIBS_RESOURCE_SPOOL_H_

#include <openssl/evp.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace rsnms::resource {

// Used by one thread.
class Spool {
 public:
  Spool();
  ~Spool();

  // False when the disk refuses.
  bool Append(int64_t number, std::string_view row);
  // Back to the first row; ends appending.
  bool Rewind();
  // False at the end or on a failure (`failed()`).
  bool Next(int64_t* number, std::string* row);
  bool failed() const { return failed_; }

 private:
  bool Cipher(void* data, size_t size);
  bool Write(void* data, size_t size);
  bool Read(void* data, size_t size);
  bool Restart();

  std::FILE* file_;
  EVP_CIPHER_CTX* cipher_;
  unsigned char key_[32], nonce_[16];
  bool failed_ = false;
};

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_SPOOL_H_
