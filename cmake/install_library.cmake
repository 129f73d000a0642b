# Installs the static library, its public headers and a CMake package that finds both from wherever
# they are moved to: target ctnas::ctnas.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

if(DEFINED SKBUILD)
  set(_library_dir ctnas/cpp/lib)
  set(_include_dir ctnas/cpp/include)
  set(_package_dir ctnas/cpp/cmake)
else()
  set(_library_dir ${CMAKE_INSTALL_LIBDIR})
  set(_include_dir ${CMAKE_INSTALL_INCLUDEDIR})
  set(_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ctnas)
endif()

set_target_properties(ctnas_core PROPERTIES EXPORT_NAME ctnas)
set_target_properties(ctnas_core PROPERTIES OUTPUT_NAME ctnas)
target_compile_features(ctnas_core PUBLIC cxx_std_20)
target_include_directories(ctnas_core INTERFACE $<INSTALL_INTERFACE:${_include_dir}>)

# What these include, and nothing else, is a promise to others.
set(_public_headers comparator.hpp error.hpp graph_batch.hpp image_classifier.hpp provider.hpp)
list(TRANSFORM _public_headers PREPEND include/ctnas/)
install(FILES ${_public_headers} DESTINATION ${_include_dir}/ctnas)
install(TARGETS ctnas_core EXPORT ctnasTargets ARCHIVE DESTINATION ${_library_dir})
install(EXPORT ctnasTargets NAMESPACE ctnas:: DESTINATION ${_package_dir})

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/ctnasConfig.cmake.in" "${PROJECT_BINARY_DIR}/ctnasConfig.cmake"
  INSTALL_DESTINATION ${_package_dir})
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/ctnasConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/ctnasConfig.cmake"
              "${PROJECT_BINARY_DIR}/ctnasConfigVersion.cmake"
        DESTINATION ${_package_dir})
