#include "text/declared_space.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "ctnas/error.hpp"
#include "engine/drawn_graph.hpp"
#include "text/json_value.hpp"

namespace ctnas {
namespace {

constexpr std::int64_t kVersion = 2;
constexpr std::int64_t kMostChoices = std::numeric_limits<std::int16_t>::max();
constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();

NamedDecision read_decision(const std::string& name, const JsonValue& choices) {
  NamedDecision decision{name, {}, {}};
  for (const JsonValue& choice : choices.list()) {
    decision.choices.push_back(choice.word());
    if (choice.kind() == JsonValue::Kind::kNumber) decision.numbers.push_back(choice.number());
  }
  const bool is_mixed =
      !decision.numbers.empty() && decision.numbers.size() != decision.choices.size();
  if (is_mixed || decision.choices.empty() || decision.choices.size() > kMostChoices) {
    throw ModelError("decision '" + name + "' has no choices, too many, or names and numbers");
  }
  return decision;
}

std::uint32_t find_decision(const std::vector<NamedDecision>& decisions, const std::string& name) {
  const auto found = std::ranges::find(decisions, name, &NamedDecision::name);
  if (found != decisions.end()) return static_cast<std::uint32_t>(found - decisions.begin());
  throw ModelError("there is no decision '" + name + "'");
}

ConditionalDecision::Condition read_condition(const std::vector<NamedDecision>& decisions,
                                              const std::string& name, const JsonValue& choices) {
  const std::uint32_t column = find_decision(decisions, name);
  const std::vector<std::string>& known = decisions[column].choices;
  ConditionalDecision::Condition condition{column, std::vector<std::uint8_t>(known.size())};
  for (const JsonValue& choice : choices.list()) {
    const auto found = std::ranges::find(known, choice.word());
    if (found == known.end()) throw ModelError("there is no choice '" + choice.word() + "'");
    condition.is_allowed[static_cast<std::size_t>(found - known.begin())] = 1;
  }
  return condition;
}

std::vector<ConditionalDecision> read_active(const std::vector<NamedDecision>& decisions,
                                             const JsonValue& active) {
  std::vector<ConditionalDecision> all;
  for (const auto& [name, when] : active.table()) {
    ConditionalDecision& conditional = all.emplace_back();
    conditional.decision = find_decision(decisions, name);
    for (const auto& [deciding, choices] : when.table()) {
      conditional.conditions.push_back(read_condition(decisions, deciding, choices));
    }
  }
  return all;
}

SpaceConstraints read_constraints(const std::vector<NamedDecision>& decisions,
                                  const JsonValue& content) {
  SpaceConstraints constraints;
  if (const JsonValue* most = content.find("most_edges"))
    constraints.most_edges = most->whole(0, kMost);
  const JsonValue* const forbidden = content.find("forbidden");
  for (std::size_t at = 0; forbidden != nullptr && at < forbidden->list().size(); ++at) {
    auto& conditions = constraints.forbidden.emplace_back();
    for (const auto& [name, choices] : forbidden->list()[at].table()) {
      conditions.push_back(read_condition(decisions, name, choices));
    }
  }
  return constraints;
}

template <typename Number>
std::vector<Number> read_wholes(const JsonValue& list, std::int64_t least = 0) {
  std::vector<Number> numbers;
  for (const JsonValue& number : list.list()) {
    numbers.push_back(static_cast<Number>(number.whole(least, kMost)));
  }
  return numbers;
}

const JsonValue& item(const JsonValue& list, std::size_t place) {
  if (place < list.list().size()) return list.list()[place];
  throw ModelError("a list of the declaration is too short");
}

void read_wiring(const JsonValue& content, SpaceTables& tables) {
  for (const JsonValue& table : content.at("tables").list()) {
    tables.tables.push_back({read_wholes<std::uint32_t>(item(table, 0)),
                             read_wholes<std::int32_t>(item(table, 1), kBypass)});
  }
  for (const JsonValue& node : content.at("nodes").list()) {
    tables.nodes.push_back({static_cast<std::uint32_t>(item(node, 0).whole(0, kMost)),
                            static_cast<std::int32_t>(item(node, 1).whole(-1, kMost))});
  }
  for (const JsonValue& edge : content.at("edges").list()) {
    const auto numbers = read_wholes<std::uint32_t>(edge);
    if (numbers.size() < 2) throw ModelError("an edge of the declaration has no two ends");
    tables.edges.push_back({numbers[0], numbers[1], {numbers.begin() + 2, numbers.end()}});
  }
}

/// The chain of the choices of a space that is nothing but decisions.
void make_chain(const std::vector<NamedDecision>& decisions, SpaceTables& tables) {
  const auto add_node = [&](ChoiceTable table, std::int32_t decision) {
    const auto node = static_cast<std::uint32_t>(tables.nodes.size());
    if (node != 0) tables.edges.push_back({node - 1, node, {}});
    tables.nodes.push_back({node, decision});
    tables.tables.push_back(std::move(table));
  };
  add_node({{}, {static_cast<std::int32_t>(kInputId)}}, -1);
  auto id = static_cast<std::int32_t>(kOutputId);
  for (std::size_t column = 0; column < decisions.size(); ++column) {
    ChoiceTable table{{static_cast<std::uint32_t>(column)}, {}};
    for (std::size_t choice = 0; choice < decisions[column].choices.size(); ++choice) {
      table.values.push_back(++id);
    }
    add_node(std::move(table), static_cast<std::int32_t>(column));
  }
  add_node({{}, {static_cast<std::int32_t>(kOutputId)}}, -1);
}

DeclaredSpace read_content(const JsonValue& content) {
  DeclaredSpace space;
  for (const auto& [name, choices] : content.at("decisions").table()) {
    space.text.decisions.push_back(read_decision(name, choices));
    space.tables.choices.push_back(
        static_cast<std::int16_t>(space.text.decisions.back().choices.size()));
  }
  space.text.active = read_active(space.text.decisions, content.at("active"));
  space.tables.active = space.text.active;
  if (const JsonValue* pattern = content.find("text")) space.text.pattern = pattern->text();
  space.tables.constraints = read_constraints(space.text.decisions, content);
  if (content.find("nodes") != nullptr) {
    read_wiring(content, space.tables);
  } else {
    make_chain(space.text.decisions, space.tables);
  }
  return space;
}

}  // namespace

DeclaredSpace read_declaration(std::string_view text) {
  try {
    const JsonValue content = parse_json(text);
    static_cast<void>(content.at("version").whole(1, kVersion));
    return read_content(content);
  } catch (const ModelError& error) {
    throw ModelError(std::string("the declaration of its space is damaged, or of a newer ctnas: ") +
                     error.what());
  }
}

}  // namespace ctnas
