#include "tools/rsnmsctl/training/desk.h"

#include <google/protobuf/text_format.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace rsnms::ctl {
namespace {

using google::protobuf::Message;

// A caller waits for the answer to each call, so one after the other they would mostly wait.
constexpr int kAtATime = 6;

[[noreturn]] void Fail(const std::string& what, const std::string& text) {
  std::fprintf(stderr, "rsnmsctl: %s: %s\n", what.c_str(), text.c_str());
  std::abort();
}

const google::protobuf::MethodDescriptor* FindMethod(const std::string& method) {
  const size_t slash = method.find('/');
  const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      method.substr(0, slash));
  const auto* found =
      service == nullptr ? nullptr : service->FindMethodByName(method.substr(slash + 1));
  if (found == nullptr) Fail("no such method", method);
  return found;
}

std::string Full(std::string_view method) {
  return absl::StrCat("rsnms.programs.v1.", std::string(method));
}

std::unique_ptr<Message> Request(const std::string& method, const std::string& fields) {
  auto request = NewMessage(FindMethod(method)->input_type());
  if (!google::protobuf::TextFormat::ParseFromString(fields, request.get())) Fail(method, fields);
  const auto* id = request->GetDescriptor()->FindFieldByName("request_id");
  if (id != nullptr) {
    request->GetReflection()->SetString(request.get(), id,
                                        RequestIdFor(absl::StrCat(method, " ", fields)));
  }
  return request;
}

}  // namespace

absl::Status Desk::Tell(std::string_view method, const std::string& fields, Message* answer) const {
  const std::string full = Full(method);
  return client_.Unary(full, *Request(full, fields), answer, session_.deadline());
}

absl::Status Desk::Do(const Act& act) const {
  const auto answer = NewMessage(FindMethod(Full(act.method))->output_type());
  return Tell(act.method, act.fields, answer.get());
}

absl::Status Desk::As(const std::string& token, const Act& act) const {
  const std::string full = Full(act.method);
  rpc::ClientOptions options;
  options.target = session_.settings().targets.at("programs");
  options.token = [&token] { return token; };
  const auto answer = NewMessage(FindMethod(full)->output_type());
  return rpc::Client::Create(options)->Unary(full, *Request(full, act.fields), answer.get(),
                                             session_.deadline());
}

absl::Status Desk::Play(const Acts& acts) const {
  bool told = false;
  for (const Act& act : acts) {
    const auto status = Do(act);
    told = told || (&act == acts.data() && absl::IsAlreadyExists(status));
    if (!status.ok() && !told) return status;
  }
  return absl::OkStatus();
}

absl::Status Desk::PlayAll(const std::vector<Acts>& stories) const {
  return Together(stories.size(), [&](size_t i) { return Play(stories[i]); });
}

std::string Desk::NameOf(std::string_view collection, std::string_view words) const {
  const std::string text(words);
  return absl::StrCat(parent(), "/", std::string(collection), "/",
                      RequestIdFor(absl::StrCat(std::string(collection), " ", parent(), " ",
                                                options_.year, " ", text)));
}

absl::Status Together(size_t count, const std::function<absl::Status(size_t)>& do_one) {
  std::atomic<size_t> next = 0;
  std::mutex mutex;  // guards failure
  absl::Status failure;
  const auto work = [&] {
    for (size_t i = next++; i < count; i = next++) {
      const auto status = do_one(i);
      if (status.ok()) continue;
      next = count;
      const std::lock_guard lock(mutex);
      failure.Update(status);
    }
  };
  std::vector<std::thread> workers;
  for (size_t i = 0; i < kAtATime && i < count; ++i) workers.emplace_back(work);
  for (auto& worker : workers) worker.join();
  return failure;
}

std::string Text(std::string_view field, std::string_view value) {
  return absl::StrCat(std::string(field), ": '", absl::Utf8SafeCEscape(std::string(value)), "' ");
}

std::string On(std::string_view field, int year, int month, int day) {
  return absl::StrCat(std::string(field), " {year: ", year, " month: ", month, " day: ", day, "} ");
}

std::string_view IdOf(std::string_view name) { return name.substr(name.rfind('/') + 1); }

std::string Creation(const Desk& desk, std::string_view noun, std::string_view name,
                     const std::string& fields) {
  return absl::StrCat(Text("parent", desk.parent()),
                      Text(absl::StrCat(std::string(noun), "_id"), IdOf(name)), std::string(noun),
                      " { ", fields, " }");
}

}  // namespace rsnms::ctl
