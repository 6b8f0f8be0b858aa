DROP TABLE frdo_row, frdo_package, certificate;
DROP FUNCTION certificate_is_signed();
