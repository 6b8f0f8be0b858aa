# Writes the profiles into a header: the service needs no files beside itself.
#   cmake -DOUT=<header> -DFILES=<a;b;c> -P embed_profiles.cmake
set(text "// Generated from people/profiles/*.textproto.\n#pragma once\nnamespace rsnms::registry {\ninline constexpr const char* kPeopleProfileTexts[] = {\n")
foreach(file IN LISTS FILES)
  file(READ "${file}" content)
  string(APPEND text "R\"textproto(${content})textproto\",\n")
endforeach()
file(WRITE "${OUT}" "${text}};\n}  // namespace rsnms::registry\n")
