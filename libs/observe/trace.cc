#include "libs/observe/trace.h"

#include <algorithm>
#include <random>

namespace rsnms::observe {
namespace {

constexpr size_t kTraceparentLength = 55;  // 00-<32>-<16>-<2>
constexpr size_t kLongestState = 512;

thread_local const TraceContext* current = nullptr;

std::string RandomHex(int words) {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(words * 16);
  for (int i = 0; i < words; ++i) {
    uint64_t word = random() | 1;  // never all zeros
    for (int digit = 0; digit < 16; ++digit, word >>= 4) hex += kDigits[word & 0xF];
  }
  return hex;
}

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsId(std::string_view text) {
  return IsHex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

// Later versions may append fields after a dash; what version 00 defines is read from all of them.
bool IsTraceparent(std::string_view text) {
  if (text.size() < kTraceparentLength || !IsHex(text.substr(0, 2)) || text.substr(0, 2) == "ff") {
    return false;
  }
  if (text.substr(0, 2) == "00" && text.size() != kTraceparentLength) return false;
  if (text.size() > kTraceparentLength && text[kTraceparentLength] != '-') return false;
  return text[2] == '-' && text[35] == '-' && text[52] == '-' && IsId(text.substr(3, 32)) &&
         IsId(text.substr(36, 16)) && IsHex(text.substr(53, 2));
}

}  // namespace

TraceContext NewTrace() { return {RandomHex(2), RandomHex(1), "", "", true}; }

TraceContext ServerTrace(std::string_view traceparent, std::string_view tracestate) {
  if (!IsTraceparent(traceparent)) return NewTrace();
  TraceContext trace;
  trace.trace_id = traceparent.substr(3, 32);
  trace.parent_id = traceparent.substr(36, 16);
  trace.span_id = RandomHex(1);
  trace.sampled = std::string_view("13579bdf").find(traceparent[54]) != std::string_view::npos;
  if (tracestate.size() <= kLongestState) trace.state = tracestate;
  return trace;
}

TraceContext ChildSpan(const TraceContext& parent) {
  TraceContext child = parent;
  child.parent_id = parent.span_id;
  child.span_id = RandomHex(1);
  return child;
}

std::string Traceparent(const TraceContext& trace) {
  return "00-" + trace.trace_id + "-" + trace.span_id + (trace.sampled ? "-01" : "-00");
}

TraceScope::TraceScope(const TraceContext& trace) : outer_(current) { current = &trace; }
TraceScope::~TraceScope() { current = outer_; }

const TraceContext* CurrentTrace() { return current; }

}  // namespace rsnms::observe
