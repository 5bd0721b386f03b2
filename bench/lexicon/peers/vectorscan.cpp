// Vectorscan in literal mode over the bytes of the text as it stands: vectorscan WORDS TEXT ROUNDS.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <hs.h>
#include <sstream>
#include <string>
#include <vector>

static double cpu() {
    timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static int count(unsigned, unsigned long long, unsigned long long, unsigned, void *hits) {
    ++*static_cast<unsigned long *>(hits);
    return 0;
}

int main(int, char **arguments) {
    std::vector<std::string> words;
    std::ifstream list(arguments[1]);
    for (std::string word; std::getline(list, word);) words.push_back(word);
    std::stringstream buffer;
    buffer << std::ifstream(arguments[2]).rdbuf();
    const std::string text = buffer.str();
    std::vector<const char *> expressions;
    std::vector<size_t> lengths;
    std::vector<unsigned> ids, flags(words.size(), 0);
    for (size_t i = 0; i < words.size(); i++) {
        expressions.push_back(words[i].c_str());
        lengths.push_back(words[i].size());
        ids.push_back(i);
    }
    double start = cpu();
    hs_database_t *database = nullptr;
    hs_compile_error_t *error = nullptr;
    if (hs_compile_lit_multi(expressions.data(), flags.data(), ids.data(), lengths.data(), words.size(), HS_MODE_BLOCK, nullptr, &database, &error) != HS_SUCCESS) {
        std::fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    double build = cpu() - start;
    size_t size = 0;
    hs_database_size(database, &size);
    hs_scratch_t *scratch = nullptr;
    hs_alloc_scratch(database, &scratch);
    double best = 1e9;
    unsigned long hits = 0;
    for (int round = 0; round < std::atoi(arguments[3]); round++) {
        hits = 0;
        start = cpu();
        hs_scan(database, text.data(), text.size(), 0, scratch, count, &hits);
        double seconds = cpu() - start;
        best = seconds < best ? seconds : best;
    }
    std::string name = arguments[1];
    name = name.substr(name.rfind('/') + 1);
    name = name.substr(0, name.rfind('.'));
    std::printf("{\"engine\":\"vectorscan\",\"words\":%zu,\"list\":\"%s\",\"mb_per_s\":%.3f,\"build_s\":%.3f,\"heap_mb\":%.1f,\"hits\":%lu}\n", words.size(), name.c_str(), text.size() / best / 1e6, build, size / 1e6, hits);
}
