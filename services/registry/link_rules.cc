#include "services/registry/link_rules.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"

namespace rsnms::registry {

void LinkGraph::Put(Link link) {
  child_of_[link.id] = link.child;
  by_child_[link.child].push_back(std::move(link));
}

void LinkGraph::Remove(const std::string& id) {
  auto found = child_of_.find(id);
  if (found == child_of_.end()) return;
  std::erase_if(by_child_[found->second], [&](const Link& link) { return link.id == id; });
  child_of_.erase(found);
}

const LinkGraph::Link* LinkGraph::ParentOn(const std::string& child, int64_t day) const {
  auto found = by_child_.find(child);
  if (found == by_child_.end()) return nullptr;
  for (const Link& link : found->second) {
    if (link.period.Contains(day)) return &link;
  }
  return nullptr;
}

// Walks up with the days that are left; they only shrink, so the walk ends in an acyclic graph.
bool LinkGraph::ReachesUpward(const std::string& from, const std::string& target,
                              Period period) const {
  if (from == target) return true;
  auto found = by_child_.find(from);
  if (found == by_child_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](const Link& link) {
    if (!link.period.Overlaps(period)) return false;
    const Period left = {.first = std::max(link.period.first, period.first),
                         .last = std::min(link.period.last, period.last)};
    return ReachesUpward(link.parent, target, left);
  });
}

absl::Status LinkGraph::Add(Link link) {
  std::optional<Link> replaced;
  if (auto child = child_of_.find(link.id); child != child_of_.end()) {
    for (const Link& old : by_child_[child->second]) {
      if (old.id == link.id) replaced = old;
    }
    Remove(link.id);
  }
  absl::Status status;
  const auto& siblings = by_child_[link.child];
  if (std::any_of(siblings.begin(), siblings.end(),
                  [&](const Link& other) { return other.period.Overlaps(link.period); })) {
    status = rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_SECOND_PARENT,
                        "the body has a parent in this hierarchy on some of these dates");
  } else if (ReachesUpward(link.parent, link.child, link.period)) {
    status = rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_LINK_CYCLE,
                        "the body would stand above itself");
  }
  if (status.ok()) {
    Put(std::move(link));
  } else if (replaced) {
    Put(*std::move(replaced));
  }
  return status;
}

}  // namespace rsnms::registry
