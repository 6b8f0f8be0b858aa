// A naive reference of the life of bodies: a table of days, changed day by day.
#ifndef RSNMS_SERVICES_REGISTRY_LIFE_LIFE_MODEL_H_
#define RSNMS_SERVICES_REGISTRY_LIFE_LIFE_MODEL_H_

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace rsnms::registry {

inline constexpr int kDays = 60;  // from the first day on; what lasts longer lasts for ever
template <class T>
using ByDay = std::array<T, kDays>;

// Bodies, posts and teams by labels of the test's own; an empty label is none.
struct LifeModel {
  struct Body {
    ByDay<bool> works{};
    ByDay<std::string> parent, name;
  };
  struct Post {
    std::string person;
    bool manager = false;
    ByDay<std::string> body;
  };
  std::map<std::string, Body> bodies;
  std::map<std::string, Post> posts;
  std::map<std::string, ByDay<std::string>> teams;

  // Lines `depth name`, parents before children, siblings in order of names.
  std::vector<std::string> Tree(int day) const {
    std::map<std::string, std::vector<std::string>> below;
    std::vector<std::string> tops, lines;
    for (const auto& [label, body] : bodies) {
      if (!body.works[day]) continue;
      const auto parent = bodies.find(body.parent[day]);
      const bool has = parent != bodies.end() && parent->second.works[day];
      (has ? below[body.parent[day]] : tops).push_back(label);
    }
    for (const auto& top : tops)
      if (below.count(top) > 0) Add(top, 0, day, below, &lines);
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  void Add(const std::string& label, int depth, int day,
           const std::map<std::string, std::vector<std::string>>& below,
           std::vector<std::string>* lines) const {
    const auto& body = bodies.at(label);
    lines->push_back(std::to_string(depth) + " " + body.name[day] + " < " +
                     (depth == 0 ? "" : body.parent[day]));
    const auto children = below.find(label);
    if (children == below.end()) return;
    for (const auto& child : children->second) Add(child, depth + 1, day, below, lines);
  }
  // People at work: all, educators, managers.
  std::array<int, 3> Count(int day) const {
    std::set<std::string> all, educators, managers;
    for (const auto& [key, post] : posts) {
      if (post.body[day].empty()) continue;
      all.insert(post.person);
      (post.manager ? managers : educators).insert(post.person);
    }
    return {static_cast<int>(all.size()), static_cast<int>(educators.size()),
            static_cast<int>(managers.size())};
  }
};

// One thing that happened.
struct LifeEvent {
  enum Kind { kMove, kMerge, kSplit, kRename, kClose, kHire } kind = kMove;
  int day = 0;
  std::vector<std::string> sources;  // the body itself, where it is one
  std::string target;                // parent, successor, new name, person
  bool founds = false;               // the successors are new
  bool remains = false;
  bool disbands = false;                     // the teams of the sources
  std::map<std::string, std::string> given;  // post, team or body below -> successor
  std::vector<std::string> successors;       // of a division
  bool undone = false;
  std::string change;  // name of the change, empty for what is not undone

  void Apply(LifeModel* model) const {
    for (int d = day; d < kDays; ++d) ApplyOn(model, d);
  }

 private:
  bool IsSource(const std::string& label) const {
    return std::find(sources.begin(), sources.end(), label) != sources.end();
  }
  void Found(LifeModel* model, const std::string& label, int d) const {
    auto& body = model->bodies[label];
    body.works.fill(true);  // trees do not look at the foundation, links do
    body.name.fill(label);
    const std::string& above = model->bodies[sources[0]].parent[d];
    body.parent[d] = IsSource(above) && !remains ? "" : above;
  }
  void EndBody(LifeModel* model, const std::string& label, int d) const {
    model->bodies[label].works[d] = false;
    model->bodies[label].parent[d].clear();
  }
  // The successor of what belonged to a source.
  std::string Heir(const std::string& label) const {
    if (kind == kMerge) return target;
    const auto heir = given.find(label);
    return heir == given.end() ? sources[0] : heir->second;
  }
  void TakeOver(LifeModel* model, int d) const {
    for (auto& [label, body] : model->bodies)
      if (IsSource(body.parent[d]) && !IsSource(label)) body.parent[d] = Heir(label);
    for (auto& [key, post] : model->posts)
      if (IsSource(post.body[d])) post.body[d] = Heir(key);
    for (auto& [key, team] : model->teams)
      if (IsSource(team[d])) team[d] = disbands ? "" : Heir(key);
    if (remains) return;
    for (const auto& source : sources) EndBody(model, source, d);
  }
  void ApplyOn(LifeModel* model, int d) const {
    switch (kind) {
      case kMove:
        model->bodies[sources[0]].parent[d] = target;
        return;
      case kRename:
        model->bodies[sources[0]].name[d] = target;
        return;
      case kClose:
        return EndBody(model, sources[0], d);
      case kHire:
        model->posts[change].person = target;
        model->posts[change].body[d] = sources[0];
        return;
      case kMerge:
        if (founds) FoundFrom(model, {target}, d);
        return TakeOver(model, d);
      case kSplit:
        if (founds) FoundFrom(model, successors, d);
        return TakeOver(model, d);
    }
  }
  void FoundFrom(LifeModel* model, const std::vector<std::string>& labels, int d) const {
    for (const auto& label : labels) Found(model, label, d);
  }
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LIFE_LIFE_MODEL_H_
