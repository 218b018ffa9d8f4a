void plain();

int main() { plain(); }
