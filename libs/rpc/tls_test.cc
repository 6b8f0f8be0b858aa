// TLS and mutual TLS, with certificates made for the test.
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "libs/rpc/test_server.h"

namespace rsnms::rpc {
namespace {

std::string ToPem(const std::function<void(BIO*)>& write) {
  BIO* bio = BIO_new(BIO_s_mem());
  write(bio);
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  std::string pem(data, length);
  BIO_free(bio);
  return pem;
}

// A certificate and its key, signed by `signer` or by itself.
struct Certificate {
  Certificate(const char* name, const Certificate* signer)
      : key(EVP_EC_gen("P-256")), certificate(X509_new()) {
    X509_set_version(certificate, 2);
    static int serial = 0;
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    const Certificate* issuer = signer != nullptr ? signer : this;
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer->certificate));
    Extend(NID_basic_constraints, signer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
    Extend(NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    X509_sign(certificate, issuer->key, EVP_sha256());
  }
  ~Certificate() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }

  void Extend(int nid, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  std::string CertificatePem() const {
    return ToPem([this](BIO* bio) { PEM_write_bio_X509(bio, certificate); });
  }
  std::string KeyPem() const {
    return ToPem([this](BIO* bio) {
      PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
  }

  EVP_PKEY* key;
  X509* certificate;
};

class TlsTest : public ServerTest {
 protected:
  void UseTls(bool mutual) {
    options_.tls_certificate_file = files_.Write("server.pem", server_cert_.CertificatePem());
    options_.tls_key_file = files_.Write("server.key", server_cert_.KeyPem());
    const std::string ca = files_.Write("ca.pem", ca_.CertificatePem());
    if (mutual) options_.tls_client_ca_file = ca;
    client_options_.tls_ca_file = ca;
  }
  absl::Status Hello() {
    client_options_.target = "localhost:" + std::to_string(server_->port());
    const auto client = Client::Create(client_options_);
    Note response;
    return client->Unary(kHello, NoteOf(0, "you"), &response, absl::Now() + absl::Seconds(3));
  }
  void Present(const Certificate& certificate) {
    client_options_.tls_certificate_file = files_.Write("client.pem", certificate.CertificatePem());
    client_options_.tls_key_file = files_.Write("client.key", certificate.KeyPem());
  }

  const Certificate ca_{"ca", nullptr}, server_cert_{"localhost", &ca_}, member_{"member", &ca_};
  const Certificate other_ca_{"other", nullptr}, stranger_{"stranger", &other_ca_};
  auth::testing::KeyDirectory files_;
  ClientOptions client_options_;
};

TEST_F(TlsTest, CallsGoOverTlsAndPlaintextIsRefused) {
  UseTls(/*mutual=*/false);
  Start();
  EXPECT_TRUE(Hello().ok());
  EXPECT_FALSE(Send(kHello, Note(), nullptr, absl::Seconds(1)).ok());
}

TEST_F(TlsTest, ServerOfAnotherAuthorityIsNotTrusted) {
  UseTls(/*mutual=*/false);
  Start();
  client_options_.tls_ca_file = files_.Write("other.pem", other_ca_.CertificatePem());
  EXPECT_FALSE(Hello().ok());
}

TEST_F(TlsTest, MutualTlsAdmitsMembersOnly) {
  UseTls(/*mutual=*/true);
  Start();
  EXPECT_FALSE(Hello().ok()) << "without a certificate";
  Present(stranger_);
  EXPECT_FALSE(Hello().ok()) << "with a stranger's certificate";
  Present(member_);
  const absl::Status status = Hello();
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace
}  // namespace rsnms::rpc
