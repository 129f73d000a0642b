"""The errors that ctnas raises on purpose.

Every one derives from `CtnasError` and from the builtin that it resembles, so that a caller can
catch either. A message names the value that was refused, what is allowed and where it came from.
"""


class CtnasError(Exception):
    """Base of all errors that ctnas raises on purpose."""


class ArchitectureError(CtnasError, ValueError):
    """An architecture, or an array that stands for some, does not belong to its search space."""


class SpaceError(CtnasError, ValueError):
    """A search space is unknown, or an operation is not defined on it."""


class LabelError(CtnasError, ValueError):
    """Labels are unusable: not finite, duplicate, too few, or of an unknown metric."""


class DatasetError(CtnasError, ValueError):
    """Images or their folder structure cannot be used."""


class ConfigurationError(CtnasError, ValueError):
    """A setting has a value that is not allowed."""


class ModelError(CtnasError, ValueError):
    """An exported comparator is corrupt, foreign or made for something else."""


class ProviderError(CtnasError, RuntimeError):
    """An execution provider or the ONNX Runtime library itself is not usable here."""


class TrainingError(CtnasError, RuntimeError):
    """Training broke down, for instance on a loss that is not finite."""


class InputFileError(CtnasError, FileNotFoundError):
    """A file that should be read is missing or unreadable."""


class MissingPackageError(CtnasError, ModuleNotFoundError):
    """A package that only some users need is not installed."""


class OutputError(CtnasError, OSError):
    """A file or directory could not be written."""


class InvalidTypeError(CtnasError, TypeError):
    """An argument is of a type that has no meaning there."""


class LabelWarning(UserWarning):
    """Labels that can be used, but perhaps not as they are meant."""


def first_line(error: Exception) -> str:
    """Return an error of a library as one line."""
    return str(error).split("\n", maxsplit=1)[0]
