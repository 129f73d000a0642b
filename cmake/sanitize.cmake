# CTNAS_SANITIZE, for instance "address;undefined" or "thread", applies to everything built here.
if(CTNAS_SANITIZE)
  list(JOIN CTNAS_SANITIZE "," _sanitizers)
  add_compile_options(-fsanitize=${_sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
  add_link_options(-fsanitize=${_sanitizers})
endif()
