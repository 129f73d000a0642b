#include "ctnas/space_text.hpp"

#include <stdexcept>
#include <utility>

#include "ctnas/error.hpp"
#include "parallel.hpp"
#include "text/text_form.hpp"

namespace ctnas {
namespace {

constexpr std::size_t kBlock = 1024;  // texts; fewer take less time than a thread takes to start

SpaceTables choices_of(const TextForm& form) {
  SpaceTables tables;
  for (const NamedDecision& decision : form.decisions) {
    tables.choices.push_back(static_cast<std::int16_t>(decision.choices.size()));
  }
  tables.active = form.active;
  return tables;
}

std::unique_ptr<const SpaceText::Form> make_form(const TextForm& form) {
  if (form.has_nasbench101_cells) return make_cell_form(form);
  return form.pattern.empty() ? make_named_form(form) : make_pattern_form(form);
}

}  // namespace

SpaceText::Form::Form(const TextForm& form) : changes_(choices_of(form)) {}

SpaceText::SpaceText(const TextForm& form) : form_(make_form(form)) {}
SpaceText::~SpaceText() = default;
SpaceText::SpaceText(SpaceText&&) noexcept = default;
SpaceText& SpaceText::operator=(SpaceText&&) noexcept = default;

std::size_t SpaceText::decisions() const noexcept { return form_->changes().decisions(); }

void SpaceText::parse(std::string_view text, std::span<std::int16_t> row) const {
  if (row.size() != decisions()) throw std::invalid_argument("a row of another length");
  form_->parse(text, row.data());
}

std::string SpaceText::format(std::span<const std::int16_t> row) const {
  if (row.size() != decisions()) throw std::invalid_argument("a row of another length");
  form_->changes().require_valid(row.data(), 0);
  std::string text;
  form_->format(row.data(), text);
  return text;
}

std::vector<std::size_t> SpaceText::parse(std::span<const std::string_view> texts,
                                          std::span<std::int16_t> rows, std::size_t threads,
                                          const Poll& poll) const {
  const std::size_t width = decisions();
  if (rows.size() != texts.size() * width) throw std::invalid_argument("rows of another number");
  std::vector<std::vector<std::size_t>> unread((texts.size() + kBlock - 1) / kBlock);
  parallel_blocks(texts.size(), kBlock, resolve_threads(threads), poll,
                  [&](std::size_t first, std::size_t last) {
                    for (std::size_t at = first; at < last; ++at) {
                      try {
                        form_->parse(texts[at], rows.data() + at * width);
                      } catch (const InvalidInput&) {
                        unread[first / kBlock].push_back(at);
                      }
                    }
                  });
  std::vector<std::size_t> all;
  for (const auto& some : unread) all.insert(all.end(), some.begin(), some.end());
  return all;
}

std::vector<std::string> SpaceText::format(Space::Rows rows, std::size_t threads,
                                           const Poll& poll) const {
  const std::size_t width = decisions();
  if (rows.size() % width != 0) throw std::invalid_argument("rows of another length");
  const std::size_t count = rows.size() / width;
  for (std::size_t row = 0; row < count; ++row) {
    form_->changes().require_valid(rows.data() + row * width, row);
  }
  std::vector<std::string> texts(count);
  parallel_blocks(count, kBlock, resolve_threads(threads), poll,
                  [&](std::size_t first, std::size_t last) {
                    for (std::size_t row = first; row < last; ++row) {
                      form_->format(rows.data() + row * width, texts[row]);
                    }
                  });
  return texts;
}

}  // namespace ctnas
