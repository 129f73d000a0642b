#include <array>
#include <span>

#include "ctnas/nasbench101.hpp"
#include "text/architecture_text.hpp"
#include "text/text_form.hpp"

namespace ctnas {
namespace {

using nasbench101::kMaxVertices;

const std::array<std::string, 6> kOperations{"padding",         "input",           "output",
                                             "conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3"};

/// Cells of NAS-Bench-101: `1100.010.01.1 input|conv3x3-bn-relu|...|output`.
class CellForm final : public SpaceText::Form {
 public:
  explicit CellForm(const TextForm& form)
      : Form(form),
        reader_("nasbench101", kMaxVertices, {kOperations.begin(), kOperations.end()}) {}

  void parse(std::string_view text, std::int16_t* row) const override {
    const ArchitectureGraphs graph = reader_.read(text);
    nasbench101::encode(nasbench101::read_cell(graph.adjacency, graph.operations),
                        {row, nasbench101::kDecisions});
  }

  void format(const std::int16_t* row, std::string& text) const override {
    const nasbench101::Cell cell = nasbench101::decode_valid(row);
    for (std::size_t from = 0; from + 1U < cell.vertices; ++from) {
      if (from != 0) text += '.';
      for (std::size_t to = from + 1; to < cell.vertices; ++to) {
        text += (cell.successors[from] >> to & 1U) != 0 ? '1' : '0';
      }
    }
    for (std::size_t vertex = 0; vertex < cell.vertices; ++vertex) {
      text += vertex == 0 ? ' ' : '|';
      text += kOperations[cell.operations[vertex]];
    }
  }

 private:
  ArchitectureText reader_;
};

}  // namespace

std::unique_ptr<const SpaceText::Form> make_cell_form(const TextForm& form) {
  return std::make_unique<CellForm>(form);
}

}  // namespace ctnas
