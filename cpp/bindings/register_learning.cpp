#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "arrays.hpp"
#include "calls.hpp"
#include "ctnas/error.hpp"
#include "ctnas/learning.hpp"
#include "registration.hpp"

namespace ctnas::bindings {
namespace {

namespace py = pybind11;

/// Python's progress: called with the number of steps done since it was called last.
LearningProgress make_progress(const py::object& advance) {
  return [&advance, reported = std::size_t{0}](std::size_t done) mutable {
    const py::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (!advance.is_none() && done > reported) advance(done - reported);
    reported = done;
  };
}

LearningKind parse_kind(const std::string& kind) {
  if (kind == "bidirectional") return LearningKind::kBidirectional;
  if (kind == "flow") return LearningKind::kFlow;
  throw std::invalid_argument("kind is '" + kind + "': needed 'bidirectional' or 'flow'");
}

OperationShares read_shares(const py::object& object) {
  const py::array array = require_array<float>(object, {"shares", 2});
  const auto rows = static_cast<std::size_t>(array.shape(1));
  OperationShares shares{rows, {0}, {}, {}};
  std::size_t at = 0;
  for (const float share : view<float>(array)) {
    if (share != 0) {
      shares.row.push_back(static_cast<std::uint32_t>(at % rows));
      shares.share.push_back(share);
    }
    if (++at % rows == 0) shares.first.push_back(static_cast<std::uint32_t>(shares.row.size()));
  }
  return shares;
}

std::unique_ptr<LearningShape> make_shape(const std::string& kind, const py::object& shares,
                                          py::ssize_t width, py::ssize_t layers, float dropout) {
  auto shape = std::make_unique<LearningShape>(
      LearningShape{parse_kind(kind), require_count("width", width),
                    require_count("layers", layers), dropout, read_shares(shares)});
  static_cast<void>(parameter_sizes(*shape));
  return shape;
}

py::list sizes(const LearningShape& shape) {
  py::list list;
  for (const ParameterSize& size : parameter_sizes(shape)) {
    list.append(py::make_tuple(size.rows, size.columns));
  }
  return list;
}

NetworkParameters read_parameters(const py::sequence& arrays) {
  NetworkParameters parameters;
  for (const py::handle array : arrays) {
    const py::array plain = require_array<float>(array, {"parameters", 2});
    const auto numbers = view<float>(plain);
    parameters.emplace_back(numbers.begin(), numbers.end());
  }
  return parameters;
}

py::list write_parameters(const LearningShape& shape, const NetworkParameters& parameters) {
  py::list arrays;
  const std::vector<ParameterSize> all = parameter_sizes(shape);
  for (std::size_t index = 0; index < all.size(); ++index) {
    py::array_t<float> array({all[index].rows, all[index].columns});
    std::copy(parameters[index].begin(), parameters[index].end(), array.mutable_data());
    arrays.append(array);
  }
  return arrays;
}

std::unique_ptr<LearningGraphs> make_graphs(const py::object& adjacency,
                                            const py::object& operations,
                                            py::ssize_t operation_count, py::ssize_t views) {
  const py::array ids = require_array<std::int64_t>(operations, {"operations", 2, true});
  const auto nodes = static_cast<std::size_t>(ids.shape(1));
  const GraphArrays graphs(adjacency, operations, nodes, "");
  const std::size_t ids_count = require_count("operation_count", operation_count);
  const std::size_t view_count = require_count("views", views);
  return without_gil([&] {
    return std::make_unique<LearningGraphs>(graphs.batch(), nodes, ids_count, view_count);
  });
}

LearningSchedule make_schedule(py::ssize_t steps, py::ssize_t scheduled_steps, float learning_rate,
                               float weight_decay, float gradient_limit) {
  const std::size_t count = require_count("steps", steps);
  const std::size_t scheduled = require_count("scheduled_steps", scheduled_steps);
  if (scheduled < count || scheduled < 20) {
    throw std::invalid_argument("scheduled_steps is " + std::to_string(scheduled) +
                                ": needed 20, and the number of steps, or more");
  }
  return {count, scheduled, learning_rate, weight_decay, gradient_limit};
}

std::vector<std::uint32_t> read_rows(py::handle object) {
  const py::array rows = require_array<std::int64_t>(object, {"rows", 1});
  std::vector<std::uint32_t> read;
  for (const std::int64_t row : view<std::int64_t>(rows)) {
    if (row < 0 || row > 0xFFFFFFFF) {
      throw std::out_of_range("rows hold " + std::to_string(row) + ": needed rows of labels");
    }
    read.push_back(static_cast<std::uint32_t>(row));
  }
  return read;
}

std::vector<LearningMember> read_members(const py::sequence& members) {
  std::vector<LearningMember> read;
  for (const py::handle item : members) {
    const auto member = py::cast<py::tuple>(item);
    read.push_back({py::cast<const LearningShape*>(member[0]),
                    read_parameters(py::cast<py::sequence>(member[1])),
                    py::cast<std::uint64_t>(member[2]), read_rows(member[3])});
  }
  return read;
}

py::tuple write_scores(const MemberScores& scores) {
  return py::make_tuple(to_array(scores.judged), to_array(scores.labeled));
}

py::list compare(const py::sequence& members, const LearningGraphs& graphs,
                 const py::object& levels, bool is_exact, py::ssize_t compared,
                 const LearningSchedule& whole, const LearningSchedule& beginning,
                 const LearningSchedule& completing, const LearningGraphs& judged,
                 py::ssize_t threads, const py::object& advance) {
  std::vector<LearningMember> learned = read_members(members);
  const py::array values = require_array<double>(levels, {"levels", 1});
  const LearningLabels labels{view<double>(values), is_exact, require_count("compared", compared)};
  const std::size_t workers = require_count("threads", threads);
  const LearningProgress progress = make_progress(advance);
  const auto opinions = without_gil([&] {
    return learn_comparisons(learned, graphs, labels, {whole, beginning, completing}, judged,
                             workers, progress);
  });
  py::list result;
  for (std::size_t index = 0; index < learned.size(); ++index) {
    result.append(py::make_tuple(write_parameters(*learned[index].shape, learned[index].parameters),
                                 write_scores(opinions[index].final),
                                 write_scores(opinions[index].beginning)));
  }
  return result;
}

py::list imitate(const LearningShape& shape, const py::sequence& parameters, std::uint64_t seed,
                 const LearningGraphs& graphs, const py::object& targets, float scale,
                 py::ssize_t batch, const LearningSchedule& schedule, py::ssize_t threads,
                 const py::object& advance) {
  LearningMember member{&shape, read_parameters(parameters), seed, {}};
  const py::array wanted = require_array<float>(targets, {"targets", 1});
  const std::size_t size = require_count("batch", batch);
  const std::size_t workers = require_count("threads", threads);
  const LearningProgress progress = make_progress(advance);
  without_gil([&] {
    learn_scores(member, graphs, view<float>(wanted), scale, size, schedule, workers, progress);
  });
  return write_parameters(shape, member.parameters);
}

py::tuple gradients(const LearningShape& shape, const py::sequence& parameters,
                    const LearningGraphs& graphs, const py::object& weights, std::uint64_t seed,
                    bool drops) {
  const LearningMember member{&shape, read_parameters(parameters), seed, {}};
  const py::array shares = require_array<float>(weights, {"weights", 1});
  const ScoreGradient result =
      without_gil([&] { return score_gradient(member, graphs, view<float>(shares), drops); });
  return py::make_tuple(to_array(result.scores), write_parameters(shape, result.gradients));
}

}  // namespace

void register_learning(py::module_& module) {
  py::class_<LearningShape>(module, "LearningShape", py::is_final(),
                            "Shape of a network that learns.")
      .def(py::init(&make_shape), py::arg("kind"), py::arg("shares"), py::kw_only(),
           py::arg("width"), py::arg("layers") = 1, py::arg("dropout") = 0.0F)
      .def_property_readonly("sizes", &sizes);
  py::class_<LearningGraphs>(module, "LearningGraphs", py::is_final(),
                             "Architecture graphs as lists of edges.")
      .def(py::init(&make_graphs), py::arg("adjacency"), py::arg("operations"),
           py::arg("operation_count"), py::arg("views") = 1)
      .def("__len__", &LearningGraphs::architectures);
  py::class_<LearningSchedule>(module, "LearningSchedule", py::is_final(),
                               "AdamW whose learning rate rises shortly and then falls to zero.")
      .def(py::init(&make_schedule), py::arg("steps"), py::arg("scheduled_steps"),
           py::arg("learning_rate"), py::arg("weight_decay"), py::arg("gradient_limit"));
  module.def(
      "learn_comparisons", &compare, py::arg("members"), py::arg("graphs"), py::arg("levels"),
      py::arg("is_exact"), py::arg("compared"), py::arg("whole"), py::arg("beginning"),
      py::arg("completing"), py::arg("judged"), py::kw_only(), py::arg("threads") = 0,
      py::arg("advance") = py::none(),
      "Train networks on comparisons of labels; return parameters, scores at the end and scores "
      "at the beginning of each.");
  module.def("learn_scores", &imitate, py::arg("shape"), py::arg("parameters"), py::arg("seed"),
             py::arg("graphs"), py::arg("targets"), py::arg("scale"), py::arg("batch"),
             py::arg("schedule"), py::kw_only(), py::arg("threads") = 0,
             py::arg("advance") = py::none(), "Train a network on scores; return its parameters.");
  module.def("score_gradient", &gradients, py::arg("shape"), py::arg("parameters"),
             py::arg("graphs"), py::arg("weights"), py::kw_only(), py::arg("seed") = 0,
             py::arg("drops") = false,
             "Return scores [N] and the gradients of their weighted sum.");
}

}  // namespace ctnas::bindings
