// Three times the same lines, by units that were compiled differently.
void plain();
void without_exceptions();
void compiled();

int main() {
  compiled();
  plain();
  without_exceptions();
}
